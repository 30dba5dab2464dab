package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/// What Python's `str` knows about characters, where Java's ideas differ.
final class PythonText {
    private static final char CAPITAL_SIGMA = '\u03a3';
    private static final char SMALL_SIGMA = '\u03c3';
    private static final char FINAL_SIGMA = '\u03c2';

    private PythonText() {}

    static boolean isSpace(int character) {
        return switch (character) {
            case '\t', '\n', 0x0b, '\f', '\r', 0x1c, 0x1d, 0x1e, 0x1f, ' ', 0x85, 0xa0, 0x1680 -> true;
            case 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 -> true;
            default -> character >= 0x2000 && character <= 0x200a;
        };
    }

    static boolean isLineBreak(int character) {
        return switch (character) {
            case '\n', 0x0b, '\f', '\r', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029 -> true;
            default -> false;
        };
    }

    /// True for characters that `repr` shows as they are.
    static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> character == ' ';
            default -> true;
        };
    }

    static boolean isCased(int character) {
        return Character.isUpperCase(character) || Character.isLowerCase(character) || Character.isTitleCase(character);
    }

    /// The UTF-16 index of the first character that is not in `stripped`, from the left.
    static int skipLeft(String text, IntPredicate stripped) {
        int start = 0;
        while (start < text.length()) {
            int character = text.codePointAt(start);
            if (!stripped.test(character)) {
                break;
            }
            start += Character.charCount(character);
        }
        return start;
    }

    /// The UTF-16 index after the last character that is not in `stripped`, not below `start`.
    static int skipRight(String text, int start, IntPredicate stripped) {
        int end = text.length();
        while (end > start) {
            int character = text.codePointBefore(end);
            if (!stripped.test(character)) {
                break;
            }
            end -= Character.charCount(character);
        }
        return end;
    }

    /// The lines of `str.splitlines()`.
    static List<StringValue> lines(StringValue value, boolean keepEnds) {
        String text = value.text();
        List<StringValue> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (!isLineBreak(text.charAt(i))) {
                continue;
            }
            int end = i;
            if (text.charAt(i) == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                i++;
            }
            lines.add(value.slice(start, keepEnds ? i + 1 : end));
            start = i + 1;
        }
        if (start < text.length()) {
            lines.add(value.slice(start, text.length()));
        }
        return lines;
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return titleCase(text.codePointAt(0))
                + lower(text).substring(lower(text.substring(0, first)).length());
    }

    /// `str.title()`: every run of letters begins with a capital.
    static String title(String text) {
        StringBuilder title = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            title.append(inWord ? lowerAt(text, i) : titleCase(character));
            inWord = isCased(character);
            i += Character.charCount(character);
        }
        return title.toString();
    }

    static String swapCase(String text) {
        StringBuilder swapped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            if (Character.isUpperCase(character)) {
                swapped.append(lowerAt(text, i));
            } else {
                String one = Character.toString(character);
                swapped.append(Character.isLowerCase(character) ? upper(one) : one);
            }
            i += Character.charCount(character);
        }
        return swapped.toString();
    }

    static String caseFold(String text) {
        return lower(upper(text)).replace(FINAL_SIGMA, SMALL_SIGMA);
    }

    /// One character in lower case; a capital sigma at the end of a word has a form of its own.
    private static String lowerAt(String text, int index) {
        int character = text.codePointAt(index);
        if (character != CAPITAL_SIGMA) {
            return lower(Character.toString(character));
        }
        boolean afterLetter = index > 0 && isCased(text.codePointBefore(index));
        boolean beforeLetter = index + 1 < text.length() && isCased(text.codePointAt(index + 1));
        return Character.toString(afterLetter && !beforeLetter ? FINAL_SIGMA : SMALL_SIGMA);
    }

    private static String titleCase(int character) {
        int title = Character.toTitleCase(character);
        if (title != character) {
            return Character.toString(title);
        }
        String upper = upper(Character.toString(character));
        boolean expands = upper.codePointCount(0, upper.length()) > 1;
        return expands ? upper.charAt(0) + lower(upper.substring(1)) : upper;
    }

    /// Orders strings by code points, as Python does.
    static int compare(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
                return surrogates ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }
}
