package dev.millrace.tokenizer.template;

/// A chat template that cannot be compiled or rendered; the message says what is wrong and, where known, in which line.
public class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final int line;

    /// A failure whose line is not known yet.
    TemplateException(String reason) {
        this(reason, 0);
    }

    TemplateException(String reason, int line) {
        super(line > 0 ? reason + " (chat template, line " + line + ")" : reason);
        this.reason = reason;
        this.line = line;
    }

    /// What is wrong, without the line.
    public final String reason() {
        return reason;
    }

    /// The line of the template, from 1, or 0 where it is not known.
    public final int line() {
        return line;
    }

    /// The same failure, seen in `line` unless it already knows its own.
    TemplateException at(int line) {
        return this.line > 0 ? this : withLine(line);
    }

    TemplateException withLine(int line) {
        TemplateException located = new TemplateException(reason, line);
        located.initCause(this);
        return located;
    }
}
