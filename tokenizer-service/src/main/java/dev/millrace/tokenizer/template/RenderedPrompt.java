package dev.millrace.tokenizer.template;

import java.util.List;
import java.util.stream.Collectors;

/// The prompt that a chat template made of a conversation.
///
/// @param segments in order; neighbours differ in `trusted`. A special token counts only where it lies wholly inside a
///     trusted segment; otherwise segments are one text.
public record RenderedPrompt(List<Segment> segments) {
    public RenderedPrompt {
        segments = List.copyOf(segments);
    }

    /// The whole prompt.
    public String text() {
        return segments.stream().map(Segment::text).collect(Collectors.joining());
    }
}
