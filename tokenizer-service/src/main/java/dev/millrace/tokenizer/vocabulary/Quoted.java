package dev.millrace.tokenizer.vocabulary;

/// Text of a file within a message: in quotes, on one line, and no longer than a reader needs.
final class Quoted {
    private static final int LONGEST = 40;

    private Quoted() {}

    static String of(String text) {
        StringBuilder quoted = new StringBuilder("'");
        int shown =
                text.codePointCount(0, text.length()) > LONGEST ? text.offsetByCodePoints(0, LONGEST) : text.length();
        text.substring(0, shown).codePoints().forEach(codePoint -> {
            if (Character.isISOControl(codePoint) || codePoint == 0x2028 || codePoint == 0x2029) {
                quoted.append("\\u%04x".formatted(codePoint));
            } else {
                quoted.appendCodePoint(codePoint);
            }
        });
        return quoted.append(shown < text.length() ? "...'" : "'").toString();
    }
}
