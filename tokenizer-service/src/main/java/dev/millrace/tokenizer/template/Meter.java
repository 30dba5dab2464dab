package dev.millrace.tokenizer.template;

/// Counts what one rendering costs and ends it when a limit is reached.
final class Meter {
    private final TemplateLimits limits;
    private long steps;
    private long built;
    private long scanned;
    private int depth;

    Meter(TemplateLimits limits) {
        this.limits = limits;
    }

    void step() {
        steps(1);
    }

    /// Counts `count` elements visited or built at once; call it before the memory is taken.
    void steps(long count) {
        if (count > limits.steps() - steps) {
            throw new TemplateException("the chat template takes more than " + limits.steps() + " steps");
        }
        steps += count;
    }

    /// Checks that a string may grow to `length` characters.
    void room(long length) {
        if (length > limits.stringCharacters()) {
            throw new TemplateException(
                    "the chat template builds a text of more than " + limits.stringCharacters() + " characters");
        }
    }

    /// Counts a string that was built.
    void built(long characters) {
        built += characters;
        if (built > limits.builtCharacters()) {
            throw new TemplateException(
                    "the chat template builds more than " + limits.builtCharacters() + " characters of text");
        }
    }

    /// Counts characters that are searched or compared.
    void scanned(long characters) {
        scanned += characters;
        if (scanned > limits.scannedCharacters()) {
            throw new TemplateException(
                    "the chat template searches more than " + limits.scannedCharacters() + " characters of text");
        }
    }

    /// Goes one level deeper; no `leave` is needed when an exception ends the rendering.
    void enter() {
        if (++depth > limits.depth()) {
            throw new TemplateException(
                    "the chat template nests values, loops or macro calls deeper than " + limits.depth());
        }
    }

    void leave() {
        depth--;
    }
}
