package dev.millrace.tokenizer.template;

/// A chat template that cannot be compiled or rendered; the message says what is wrong and, where known, in which line.
public class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Templates can put any text into a failure.
    private static final int MAXIMUM_LENGTH = 2000;

    private final String reason;
    private final int line;

    /// A failure whose line is not known yet.
    TemplateException(String reason) {
        this(reason, 0);
    }

    TemplateException(String reason, int line) {
        super(line > 0 ? shortened(reason) + " (chat template, line " + line + ")" : shortened(reason));
        this.reason = shortened(reason);
        this.line = line;
    }

    private static String shortened(String reason) {
        return reason.length() > MAXIMUM_LENGTH ? reason.substring(0, MAXIMUM_LENGTH) + "..." : reason;
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
