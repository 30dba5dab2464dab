package dev.millrace.tokenizer.template;

/// A run of a rendered prompt with one origin.
///
/// @param text the characters, never empty
/// @param trusted true where the template (or the model's own special tokens) wrote them, so special tokens may be
///     parsed; false where they came from a message, a tool or a variable
public record Segment(String text, boolean trusted) {}
