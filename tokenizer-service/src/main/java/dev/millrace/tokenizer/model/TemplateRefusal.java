package dev.millrace.tokenizer.model;

import java.util.Objects;

/// The chat template cannot or does not want to render a conversation; the message is for the client.
public final class TemplateRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// A refusal in the template's own words.
    public TemplateRefusal(String message) {
        super(message);
    }

    /// A refusal that another exception led to.
    public TemplateRefusal(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
