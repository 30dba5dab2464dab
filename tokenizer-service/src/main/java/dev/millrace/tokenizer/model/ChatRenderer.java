package dev.millrace.tokenizer.model;

/// A model's chat template, ready to render; safe for use by many threads.
interface ChatRenderer {
    /// Renders a conversation or throws [TemplateRefusal].
    RenderedChat render(ChatInput input);
}
