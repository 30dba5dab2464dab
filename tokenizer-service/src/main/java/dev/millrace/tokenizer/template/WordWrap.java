package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Python's `textwrap.wrap` without expanding tabs and without replacing whitespace.
final class WordWrap {
    private static final String SPACE = "[\\t\\n\\x0b\\f\\r ]";
    private static final String NO_SPACE = "[^\\t\\n\\x0b\\f\\r ]";
    private static final String PUNCTUATED = "[\\w!\"'&.,?]";
    private static final String LETTER = "[^\\d\\W]";

    /// Python's own pattern: whitespace, dashes between words, words up to a hyphen or their end.
    private static final Pattern WITH_HYPHENS = Pattern.compile(
            SPACE + "+"
                    + "|(?<=" + PUNCTUATED + ")-{2,}(?=\\w)"
                    + "|" + NO_SPACE + "+?(?:"
                    + "-(?:(?<=" + LETTER + "{2}-)|(?<=" + LETTER + "-" + LETTER + "-))(?=" + LETTER + "-?" + LETTER
                    + ")"
                    + "|(?=" + SPACE + "|\\z)"
                    + "|(?<=" + PUNCTUATED + ")(?=-{2,}\\w)"
                    + ")",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final Pattern WITHOUT_HYPHENS = Pattern.compile(SPACE + "+|" + NO_SPACE + "+");

    private final int width;
    private final boolean breakLongWords;
    private final boolean breakOnHyphens;

    WordWrap(int width, boolean breakLongWords, boolean breakOnHyphens) {
        if (width <= 0) {
            throw new TemplateException("invalid width " + width + " (must be > 0)");
        }
        this.width = width;
        this.breakLongWords = breakLongWords;
        this.breakOnHyphens = breakOnHyphens;
    }

    List<String> wrap(String text) {
        List<String> chunks = new ArrayList<>();
        Matcher matcher = (breakOnHyphens ? WITH_HYPHENS : WITHOUT_HYPHENS).matcher(text);
        while (matcher.find()) {
            chunks.add(matcher.group());
        }
        Collections.reverse(chunks);
        List<String> lines = new ArrayList<>();
        while (!chunks.isEmpty()) {
            addLine(chunks, lines);
        }
        return lines;
    }

    private void addLine(List<String> chunks, List<String> lines) {
        List<String> line = new ArrayList<>();
        int length = 0;
        if (chunks.getLast().isBlank() && !lines.isEmpty()) {
            chunks.removeLast();
        }
        while (!chunks.isEmpty() && length + length(chunks.getLast()) <= width) {
            length += length(chunks.getLast());
            line.add(chunks.removeLast());
        }
        if (!chunks.isEmpty() && length(chunks.getLast()) > width) {
            breakLongWord(chunks, line, width - length);
        }
        if (!line.isEmpty() && line.getLast().isBlank()) {
            line.removeLast();
        }
        if (!line.isEmpty()) {
            lines.add(String.join("", line));
        }
    }

    private void breakLongWord(List<String> chunks, List<String> line, int room) {
        if (!breakLongWords) {
            if (line.isEmpty()) {
                line.add(chunks.removeLast());
            }
            return;
        }
        String word = chunks.removeLast();
        int cut = word.offsetByCodePoints(0, room);
        if (breakOnHyphens && length(word) > room) {
            int hyphen = room > 0 ? word.lastIndexOf('-', cut - 1) : -1;
            boolean afterWord = hyphen > 0 && word.substring(0, hyphen).chars().anyMatch(letter -> letter != '-');
            cut = afterWord ? hyphen + 1 : cut;
        }
        line.add(word.substring(0, cut));
        chunks.add(word.substring(cut));
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
