package dev.millrace.tokenizer.vocabulary;

import java.util.Objects;

/// A part of a prompt. Neighbouring parts are one text to the tokenizer, so that where a prompt is divided does not
/// change its tokens; only special tokens tell the parts apart.
///
/// @param parseSpecial whether special tokens written in it are special: true for what a chat template says, false for
///     what users say. A special token must lie within parts that allow it.
public record TextSegment(String text, boolean parseSpecial) {
    public TextSegment {
        Objects.requireNonNull(text, "text");
    }

    public static TextSegment trusted(String text) {
        return new TextSegment(text, true);
    }

    public static TextSegment untrusted(String text) {
        return new TextSegment(text, false);
    }
}
