package dev.millrace.tokenizer.template;

/// A text to search for, in time linear in the text searched, whatever both are.
final class Needle {
    /// Up to this length the plain search is fast and its worst case harmless.
    private static final int PLAIN_LENGTH = 8;

    private final String text;
    private final int[] borders;
    private int[] bordersFromRight = {};

    Needle(String text) {
        this.text = text;
        this.borders = text.length() > PLAIN_LENGTH ? borders(text, false) : new int[0];
    }

    int length() {
        return text.length();
    }

    /// The first index at or after `from` where the needle begins, or -1.
    int find(String haystack, int from) {
        if (borders.length == 0) {
            return haystack.indexOf(text, from);
        }
        int matched = 0;
        for (int i = from; i < haystack.length(); i++) {
            char character = haystack.charAt(i);
            while (matched > 0 && text.charAt(matched) != character) {
                matched = borders[matched - 1];
            }
            if (text.charAt(matched) == character && ++matched == text.length()) {
                return i + 1 - matched;
            }
        }
        return -1;
    }

    /// The last index where the needle begins so that it ends at or before `end`, or -1.
    int findLast(String haystack, int end) {
        if (borders.length == 0) {
            return end < text.length() ? -1 : haystack.lastIndexOf(text, end - text.length());
        }
        if (bordersFromRight.length == 0) {
            bordersFromRight = borders(text, true);
        }
        int last = text.length() - 1;
        int matched = 0;
        for (int i = end - 1; i >= 0; i--) {
            char character = haystack.charAt(i);
            while (matched > 0 && text.charAt(last - matched) != character) {
                matched = bordersFromRight[matched - 1];
            }
            if (text.charAt(last - matched) == character && ++matched == text.length()) {
                return i;
            }
        }
        return -1;
    }

    /// For each prefix, the length of the longest proper prefix that is also its suffix; with suffixes for prefixes
    /// where the text is read from the right.
    private static int[] borders(String text, boolean fromRight) {
        int[] borders = new int[text.length()];
        int matched = 0;
        for (int i = 1; i < borders.length; i++) {
            while (matched > 0 && at(text, matched, fromRight) != at(text, i, fromRight)) {
                matched = borders[matched - 1];
            }
            if (at(text, matched, fromRight) == at(text, i, fromRight)) {
                matched++;
            }
            borders[i] = matched;
        }
        return borders;
    }

    private static char at(String text, int index, boolean fromRight) {
        return text.charAt(fromRight ? text.length() - 1 - index : index);
    }
}
