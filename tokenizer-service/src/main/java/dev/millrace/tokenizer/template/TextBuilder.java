package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Builds a string piece by piece, keeping each piece's provenance and staying within the limits.
final class TextBuilder {
    private final Meter meter;
    private final StringBuilder text = new StringBuilder();
    private boolean startsTrusted = true;
    private boolean endsTrusted = true;
    private int[] flips = {};
    private int flipCount;

    TextBuilder(Meter meter) {
        this.meter = meter;
    }

    int length() {
        return text.length();
    }

    TextBuilder append(StringValue value) {
        return append(value, 0, value.text().length());
    }

    /// Appends the characters of `value` between two UTF-16 indexes.
    TextBuilder append(StringValue value, int start, int end) {
        if (start >= end) {
            return this;
        }
        Provenance provenance = value.provenance().slice(start, end);
        boolean trusted = provenance.startsTrusted();
        int from = start;
        for (int i = 0; i < provenance.flipCount(); i++) {
            int to = start + provenance.flip(i);
            append(value.text(), from, to, trusted);
            trusted = !trusted;
            from = to;
        }
        return append(value.text(), from, end, trusted);
    }

    TextBuilder append(String piece, boolean trusted) {
        return append(piece, 0, piece.length(), trusted);
    }

    /// Appends `piece` `count` times; the length is checked before anything is built.
    TextBuilder repeat(StringValue piece, long count) {
        if (count > 0 && !piece.isEmpty()) {
            meter.room(text.length() + Math.multiplyExact((long) piece.text().length(), Math.min(count, 1L << 31)));
            meter.steps(count);
            for (long i = 0; i < count; i++) {
                append(piece);
            }
        }
        return this;
    }

    private TextBuilder append(String piece, int start, int end, boolean trusted) {
        if (start == end) {
            return this;
        }
        meter.room((long) text.length() + end - start);
        meter.built(end - start);
        if (text.isEmpty()) {
            startsTrusted = trusted;
        } else if (trusted != endsTrusted) {
            if (flipCount == flips.length) {
                flips = Arrays.copyOf(flips, Math.max(8, flipCount * 2));
            }
            flips[flipCount++] = text.length();
        }
        endsTrusted = trusted;
        text.append(piece, start, end);
        return this;
    }

    StringValue build() {
        return new StringValue(text.toString(), Provenance.of(startsTrusted, flips, flipCount), false);
    }

    List<Segment> segments() {
        List<Segment> segments = new ArrayList<>(flipCount + 1);
        boolean trusted = startsTrusted;
        int from = 0;
        for (int i = 0; i < flipCount; i++) {
            segments.add(new Segment(text.substring(from, flips[i]), trusted));
            trusted = !trusted;
            from = flips[i];
        }
        if (from < text.length()) {
            segments.add(new Segment(text.substring(from), trusted));
        }
        return List.copyOf(segments);
    }
}
