package dev.millrace.tokenizer.vocabulary;

import java.util.Arrays;
import java.util.List;

/// A prompt as one text, and where in it special tokens are allowed. Neighbouring parts that allow them are one span.
final class TrustedSpans {
    private final String text;
    private final int[] starts;
    private final int[] ends;

    private TrustedSpans(String text, int[] starts, int[] ends) {
        this.text = text;
        this.starts = starts;
        this.ends = ends;
    }

    static TrustedSpans of(List<TextSegment> segments) {
        StringBuilder text = new StringBuilder();
        int[] starts = new int[segments.size()];
        int[] ends = new int[segments.size()];
        int spans = 0;
        for (TextSegment segment : segments) {
            int start = text.length();
            text.append(segment.text());
            if (segment.parseSpecial()) {
                if (spans > 0 && ends[spans - 1] == start) {
                    ends[spans - 1] = text.length();
                } else {
                    starts[spans] = start;
                    ends[spans++] = text.length();
                }
            }
        }
        return new TrustedSpans(text.toString(), Arrays.copyOf(starts, spans), Arrays.copyOf(ends, spans));
    }

    String text() {
        return text;
    }

    /// Walks along the text: positions must not go back.
    final class Cursor {
        private int span;

        /// Where the span that holds `position` ends; `position` itself outside of all spans.
        int end(int position) {
            while (span < ends.length && ends[span] <= position) {
                span++;
            }
            return span < ends.length && starts[span] <= position ? ends[span] : position;
        }
    }

    Cursor cursor() {
        return new Cursor();
    }
}
