package dev.millrace.tokenizer.vocabulary.split;

/// Code points of a string.
public final class CodePoints {
    private static final int REPLACEMENT = 0xFFFD;

    private CodePoints() {}

    /// The code point that begins at `index` and ends before `end`; U+FFFD for an unpaired surrogate.
    public static int at(String text, int index, int end) {
        char unit = text.charAt(index);
        if (!Character.isSurrogate(unit)) {
            return unit;
        }
        if (Character.isHighSurrogate(unit) && index + 1 < end && Character.isLowSurrogate(text.charAt(index + 1))) {
            return Character.toCodePoint(unit, text.charAt(index + 1));
        }
        return REPLACEMENT;
    }
}
