package dev.millrace.tokenizer.template;

/// The template itself refused its input with `raise_exception('...')`: the conversation is at fault, not the template.
public final class TemplateRefusal extends TemplateException {
    private static final long serialVersionUID = 1L;

    TemplateRefusal(String reason) {
        super(reason);
    }

    private TemplateRefusal(String reason, int line) {
        super(reason, line);
    }

    @Override
    TemplateException withLine(int line) {
        TemplateRefusal located = new TemplateRefusal(reason(), line);
        located.initCause(this);
        return located;
    }
}
