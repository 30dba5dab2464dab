package dev.millrace.tokenizer.vocabulary.split;

import java.util.Arrays;

/// What a code point is, as bits: its general category in Unicode 15.1, the version that llama.cpp's tables have,
/// whatever the version of the running Java.
public final class CharacterClasses {
    public static final int LETTER = 1;
    public static final int NUMBER = 1 << 1;
    /// Any combining mark: nonspacing, spacing or enclosing.
    public static final int MARK = 1 << 2;
    public static final int PUNCTUATION = 1 << 3;
    public static final int SYMBOL = 1 << 4;
    /// White space as `\s` has it in Unicode-aware regular expressions; line breaks included.
    public static final int SPACE = 1 << 5;
    /// Control and format characters, surrogates and private use.
    public static final int CONTROL = 1 << 6;
    /// Carriage return and line feed only.
    public static final int LINE_BREAK = 1 << 7;

    private static final byte[] BASIC_PLANE = new byte[0x10000];

    /// First and last of each run of code points that Unicode 16 assigned: Java 25 knows them, the tables that
    /// vocabularies were made with do not.
    private static final int[] ASSIGNED_LATER = {
        0x897, 0x897, 0x1B4E, 0x1B4F, 0x1B7F, 0x1B7F, 0x1C89, 0x1C8A, 0x2427, 0x2429, 0x31E4, 0x31E5, 0xA7CB, 0xA7CD,
        0xA7DA, 0xA7DC, 0x105C0, 0x105F3, 0x10D40, 0x10D65, 0x10D69, 0x10D85, 0x10D8E, 0x10D8F, 0x10EC2, 0x10EC4,
        0x10EFC, 0x10EFC, 0x11380, 0x11389, 0x1138B, 0x1138B, 0x1138E, 0x1138E, 0x11390, 0x113B5, 0x113B7, 0x113C0,
        0x113C2, 0x113C2, 0x113C5, 0x113C5, 0x113C7, 0x113CA, 0x113CC, 0x113D5, 0x113D7, 0x113D8, 0x113E1, 0x113E2,
        0x116D0, 0x116E3, 0x11BC0, 0x11BE1, 0x11BF0, 0x11BF9, 0x11F5A, 0x11F5A, 0x13460, 0x143FA, 0x16100, 0x16139,
        0x16D40, 0x16D79, 0x18CFF, 0x18CFF, 0x1CC00, 0x1CCF9, 0x1CD00, 0x1CEB3, 0x1E5D0, 0x1E5FA, 0x1E5FF, 0x1E5FF,
        0x1F8B2, 0x1F8BB, 0x1F8C0, 0x1F8C1, 0x1FA89, 0x1FA89, 0x1FA8F, 0x1FA8F, 0x1FABE, 0x1FABE, 0x1FAC6, 0x1FAC6,
        0x1FADC, 0x1FADC, 0x1FADF, 0x1FADF, 0x1FAE9, 0x1FAE9, 0x1FBCB, 0x1FBEF,
    };

    static {
        for (int codePoint = 0; codePoint < BASIC_PLANE.length; codePoint++) {
            BASIC_PLANE[codePoint] = (byte) classify(codePoint);
        }
    }

    private CharacterClasses() {}

    /// The bits of a code point; 0 for one that is not assigned.
    public static int of(int codePoint) {
        return codePoint < BASIC_PLANE.length ? BASIC_PLANE[codePoint] & 0xFF : classify(codePoint);
    }

    /// False for code points that the tables do not know, although this Java may.
    public static boolean isAssigned(int codePoint) {
        return Character.getType(codePoint) != Character.UNASSIGNED && !isAssignedLater(codePoint);
    }

    private static int classify(int codePoint) {
        if (codePoint == '\r' || codePoint == '\n') {
            return CONTROL | SPACE | LINE_BREAK;
        }
        int category = isAssignedLater(codePoint) ? 0 : category(codePoint);
        return isSpace(codePoint) ? category | SPACE : category;
    }

    private static int category(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> MARK;
            case Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.CONNECTOR_PUNCTUATION,
                    Character.OTHER_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION -> PUNCTUATION;
            case Character.MATH_SYMBOL, Character.CURRENCY_SYMBOL, Character.MODIFIER_SYMBOL, Character.OTHER_SYMBOL ->
                SYMBOL;
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE -> CONTROL;
            default -> 0;
        };
    }

    private static boolean isSpace(int codePoint) {
        return switch (codePoint) {
            case '\t', '\n', 0x0B, '\f', '\r', ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default -> codePoint >= 0x2000 && codePoint <= 0x200A;
        };
    }

    private static boolean isAssignedLater(int codePoint) {
        int index = Arrays.binarySearch(ASSIGNED_LATER, codePoint);
        // Within a run, the insertion point is the odd index of the run's last code point.
        return index >= 0 || (-index - 1) % 2 == 1;
    }
}
