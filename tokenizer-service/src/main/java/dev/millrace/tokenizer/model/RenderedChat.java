package dev.millrace.tokenizer.model;

import java.util.List;
import java.util.stream.Collectors;

/// A rendered conversation in parts.
public record RenderedChat(List<Part> parts) {
    /// A stretch of the prompt.
    ///
    /// @param text its text
    /// @param trusted true for the template's own text, where special tokens count; false for what users wrote
    public record Part(String text, boolean trusted) {}

    public RenderedChat {
        parts = List.copyOf(parts);
    }

    /// The whole prompt.
    public String text() {
        return parts.stream().map(Part::text).collect(Collectors.joining());
    }
}
