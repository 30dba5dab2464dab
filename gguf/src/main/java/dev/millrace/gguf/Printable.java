package dev.millrace.gguf;

/// Text out of a file, made fit for a message or a terminal: quoted, control characters escaped, long text cut.
public final class Printable {
    private static final int LONGEST = 80;

    private Printable() {}

    static String quote(String text) {
        return quote(text, LONGEST);
    }

    /// `longest` counts UTF-16 units; what is cut shows as three points.
    public static String quote(String text, int longest) {
        int end = Math.min(text.length(), longest);
        StringBuilder quoted = new StringBuilder(end + 2).append('\'');
        text.substring(0, end).codePoints().forEach(codePoint -> {
            if (isPlain(codePoint)) {
                quoted.appendCodePoint(codePoint);
            } else {
                quoted.append(String.format("\\u%04x", codePoint));
            }
        });
        return quoted.append(end < text.length() ? "...'" : "'").toString();
    }

    private static boolean isPlain(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
