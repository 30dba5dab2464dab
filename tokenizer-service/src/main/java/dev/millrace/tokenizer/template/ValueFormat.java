package dev.millrace.tokenizer.template;

/// Python's `format(value, spec)`.
final class ValueFormat {
    private ValueFormat() {}

    static void append(Evaluation evaluation, TextBuilder output, Value value, StringValue spec) {
        if (spec.isEmpty()) {
            output.append(evaluation.text(value));
            return;
        }
        FormatSpec parsed = FormatSpec.parse(spec.text());
        boolean fillTrusted = spec.isWhollyTrusted();
        switch (value) {
            case StringValue text -> appendText(output, text, parsed, fillTrusted);
            case IntegerValue integer -> appendNumber(output, integer, parsed, fillTrusted);
            case FloatValue number -> appendNumber(output, number, parsed, fillTrusted);
            case BooleanValue bool -> appendNumber(output, bool, parsed, fillTrusted);
            default ->
                throw new TemplateException("unsupported format string passed to " + value.typeName() + ".__format__");
        }
    }

    static void appendText(TextBuilder output, StringValue text, FormatSpec spec, boolean fillTrusted) {
        if (spec.type() != 0 && spec.type() != 's') {
            throw new TemplateException("Unknown format code '" + spec.type() + "' for object of type 'str'");
        }
        if (spec.align() == '=' && !spec.fill().equals("0")) {
            throw new TemplateException("'=' alignment not allowed in string format specifier");
        }
        int length = text.length();
        int shown = spec.precision() < 0 ? length : Math.min(length, spec.precision());
        StringValue content = text.slice(0, text.offset(shown));
        char align = spec.align() == 0 || spec.align() == '=' ? '<' : spec.align();
        pad(output, content, (long) spec.width() - shown, align, StringValue.of(spec.fill(), fillTrusted));
    }

    static void appendNumber(TextBuilder output, Value number, FormatSpec spec, boolean fillTrusted) {
        NumberText.Signed text = NumberText.of(number, spec);
        boolean trusted = Arithmetic.isTrusted(number);
        StringValue fill = StringValue.of(spec.fill(), fillTrusted);
        String head = text.sign() + text.prefix();
        String all = head + text.digits();
        long missing = (long) spec.width() - all.codePointCount(0, all.length());
        if (spec.align() == '=') {
            output.append(head, trusted).repeat(fill, missing).append(text.digits(), trusted);
            return;
        }
        pad(output, StringValue.of(all, trusted), missing, spec.align() == 0 ? '>' : spec.align(), fill);
    }

    private static void pad(TextBuilder output, StringValue content, long missing, char align, StringValue fill) {
        long left = switch (align) {
            case '>' -> missing;
            case '^' -> missing / 2;
            default -> 0;
        };
        output.repeat(fill, left).append(content).repeat(fill, missing - left);
    }
}
