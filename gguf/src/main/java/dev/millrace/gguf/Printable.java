package dev.millrace.gguf;

/// Text out of a file, made fit for a message: quoted, control characters escaped, long text cut.
final class Printable {
    private static final int LONGEST = 80;

    private Printable() {}

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder(Math.min(text.length(), LONGEST) + 2).append('\'');
        int end = Math.min(text.length(), LONGEST);
        for (int index = 0; index < end; index++) {
            char character = text.charAt(index);
            if (isPlain(character)) {
                quoted.append(character);
            } else {
                quoted.append(String.format("\\u%04x", (int) character));
            }
        }
        return quoted.append(end < text.length() ? "...'" : "'").toString();
    }

    private static boolean isPlain(char character) {
        return switch (Character.getType(character)) {
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
