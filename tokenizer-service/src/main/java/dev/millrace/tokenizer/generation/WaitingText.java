package dev.millrace.tokenizer.generation;

/// Text that waits to be sent: one piece mostly, which is handed on as it came, or several joined.
final class WaitingText {
    private final StringBuilder joined = new StringBuilder();
    private String first = "";

    void append(String text) {
        if (isEmpty()) {
            first = text;
            return;
        }
        if (joined.isEmpty()) {
            joined.append(first);
        }
        joined.append(text);
    }

    /// In characters.
    int length() {
        return joined.isEmpty() ? first.length() : joined.length();
    }

    boolean isEmpty() {
        return first.isEmpty();
    }

    /// Hands it all out; nothing waits then.
    String take() {
        String text = joined.isEmpty() ? first : joined.toString();
        first = "";
        joined.setLength(0);
        return text;
    }
}
