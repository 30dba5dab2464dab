package dev.millrace.tokenizer.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `'%s is %d' % (...)`.
final class PercentFormat {
    private final Meter meter;
    private final StringValue format;
    private final String text;
    private final Value argument;
    private final List<Value> arguments;
    private final TextBuilder output;
    private int position;
    private int used;

    private PercentFormat(Meter meter, StringValue format, Value argument) {
        this.meter = meter;
        this.format = format;
        this.text = format.text();
        this.argument = argument;
        this.arguments = argument instanceof TupleValue tuple ? tuple.elements() : List.of(argument);
        this.output = new TextBuilder(meter);
    }

    static StringValue format(Meter meter, StringValue format, Value argument) {
        return new PercentFormat(meter, format, argument).run();
    }

    private StringValue run() {
        while (position < text.length()) {
            int percent = text.indexOf('%', position);
            int end = percent < 0 ? text.length() : percent;
            output.append(format, position, end);
            position = end + 1;
            if (percent >= 0) {
                readConversion();
            }
        }
        // Python takes everything with subscripts for a mapping, which need not be used up.
        boolean ignoresRest = argument instanceof DictValue
                || argument instanceof ListValue
                || argument instanceof RangeValue
                || argument instanceof UndefinedValue;
        if (used < arguments.size() && !ignoresRest) {
            throw new TemplateException("not all arguments converted during string formatting");
        }
        return Markup.like(format, output.build());
    }

    private void readConversion() {
        Value named = peek() == '(' ? readName() : null;
        boolean left = false;
        boolean zero = false;
        boolean alternate = false;
        char sign = 0;
        for (; "-+ #0".indexOf(peek()) >= 0; position++) {
            left |= peek() == '-';
            zero |= peek() == '0';
            alternate |= peek() == '#';
            sign = peek() == '+' ? '+' : peek() == ' ' && sign == 0 ? ' ' : sign;
        }
        int width = readNumber(0);
        if (width < 0) {
            left = true;
            width = -width;
        }
        int precision = -1;
        if (peek() == '.') {
            position++;
            precision = Math.max(0, readNumber(0));
        }
        while ("hlL".indexOf(peek()) >= 0) {
            position++;
        }
        char type = peek();
        position++;
        if (type == '%') {
            output.append(format, position - 1, position);
            return;
        }
        char align = left ? '<' : zero && "diouxXeEfFgG".indexOf(type) >= 0 ? '=' : '>';
        String fill = align == '=' ? "0" : " ";
        append(type, named, new FormatSpec(fill, align, sign, alternate, width, (char) 0, precision, type));
    }

    /// The character at the position; one that is nowhere expected at the end.
    private char peek() {
        if (position >= text.length()) {
            throw new TemplateException("incomplete format");
        }
        return text.charAt(position);
    }

    private Value readName() {
        int depth = 0;
        int start = position + 1;
        while (true) {
            depth += peek() == '(' ? 1 : peek() == ')' ? -1 : 0;
            position++;
            if (depth == 0) {
                break;
            }
        }
        if (!(argument instanceof DictValue dict)) {
            throw new TemplateException("format requires a mapping");
        }
        String name = text.substring(start, position - 1);
        Value value = dict.get(name);
        if (value == null) {
            throw new TemplateException("no value '" + name + "' for the format string");
        }
        return value;
    }

    private int readNumber(int fallback) {
        if (peek() == '*') {
            position++;
            java.math.BigInteger number = Arithmetic.integer(nextArgument());
            if (number == null || number.bitLength() > 30) {
                throw new TemplateException("* wants int");
            }
            return number.intValue();
        }
        int start = position;
        while (peek() >= '0' && peek() <= '9') {
            position++;
        }
        if (position - start > 9) {
            throw new TemplateException("width too big");
        }
        return start == position ? fallback : Integer.parseInt(text.substring(start, position));
    }

    private Value nextArgument() {
        if (used >= arguments.size()) {
            throw new TemplateException("not enough arguments for format string");
        }
        return arguments.get(used++);
    }

    private void append(char type, @Nullable Value named, FormatSpec spec) {
        Value value = named == null ? nextArgument() : named;
        switch (type) {
            case 's' -> appendText(Display.text(meter, value), spec);
            case 'r', 'a' -> appendText(Display.represent(meter, value), spec);
            case 'c' -> {
                if (value instanceof StringValue string) {
                    if (string.length() != 1) {
                        throw new TemplateException("an int or a single character is required");
                    }
                    appendText(string, spec);
                } else {
                    ValueFormat.appendNumber(output, value, withType(spec, 'c', -1), true);
                }
            }
            case 'd', 'i', 'u' -> ValueFormat.appendNumber(output, whole(value), withType(spec, 'd', -1), true);
            case 'o', 'x', 'X' ->
                ValueFormat.appendNumber(output, requireInteger(value), withType(spec, type, -1), true);
            case 'e', 'E', 'f', 'F', 'g', 'G' -> ValueFormat.appendNumber(output, requireNumber(value), spec, true);
            default -> throw new TemplateException("unsupported format character '" + type + "'");
        }
    }

    private void appendText(StringValue value, FormatSpec spec) {
        StringValue shown = Markup.argument(meter, format, value);
        ValueFormat.appendText(output, shown, withType(spec, 's', spec.precision()), true);
    }

    private static FormatSpec withType(FormatSpec spec, char type, int precision) {
        return new FormatSpec(
                spec.fill(),
                spec.align(),
                spec.sign(),
                spec.alternate(),
                spec.width(),
                spec.grouping(),
                precision,
                type);
    }

    private static Value whole(Value value) {
        if (value instanceof FloatValue number) {
            return NumberFilters.truncate(number.value(), number.trusted());
        }
        return requireInteger(value);
    }

    private static Value requireInteger(Value value) {
        if (Arithmetic.integer(value) == null) {
            throw new TemplateException("an integer is required, not " + value.typeName());
        }
        return value;
    }

    private static Value requireNumber(Value value) {
        if (Arithmetic.number(value) == null) {
            throw new TemplateException("must be real number, not " + value.typeName());
        }
        return value;
    }
}
