package dev.millrace.tokenizer.text;

/// Follows one stop string through streamed text, a character at a time (Knuth-Morris-Pratt), so that the cost does not
/// depend on how often the string almost appears.
final class StopString {
    private final String string;
    private final int[] fallbacks;
    private int matched;

    StopString(String string) {
        if (string.isEmpty()) {
            throw new IllegalArgumentException("a stop string must not be empty");
        }
        this.string = string;
        fallbacks = fallbacks(string);
    }

    /// Takes the next character; returns true when the string ends with it.
    boolean advance(char next) {
        if (matched == string.length()) {
            matched = fallbacks[matched];
        }
        while (matched > 0 && string.charAt(matched) != next) {
            matched = fallbacks[matched];
        }
        if (string.charAt(matched) == next) {
            matched++;
        }
        return matched == string.length();
    }

    int length() {
        return string.length();
    }

    /// How many of the last characters may be the beginning of the string; the whole length right after a match.
    int matched() {
        return matched;
    }

    /// For each prefix length the length of its longest proper suffix that is a prefix again.
    private static int[] fallbacks(String string) {
        int[] fallbacks = new int[string.length() + 1];
        int length = 0;
        for (int end = 1; end < string.length(); end++) {
            while (length > 0 && string.charAt(length) != string.charAt(end)) {
                length = fallbacks[length];
            }
            if (string.charAt(length) == string.charAt(end)) {
                length++;
            }
            fallbacks[end + 1] = length;
        }
        return fallbacks;
    }
}
