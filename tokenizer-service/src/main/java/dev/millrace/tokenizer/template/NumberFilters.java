package dev.millrace.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Filters on numbers.
final class NumberFilters {
    private NumberFilters() {}

    static void register(Map<String, Filter> filters) {
        filters.put("abs", NumberFilters::absolute);
        filters.put("int", NumberFilters::toInteger);
        filters.put("float", NumberFilters::toFloat);
        filters.put("round", NumberFilters::round);
        filters.put("sum", NumberFilters::sum);
        filters.put("filesizeformat", NumberFilters::fileSize);
    }

    private static Value absolute(Evaluation evaluation, Value input, Arguments arguments) {
        arguments.bind("abs");
        BigInteger integer = Arithmetic.integer(input);
        if (integer != null) {
            return new IntegerValue(integer.abs(), Arithmetic.isTrusted(input));
        }
        if (input instanceof FloatValue number) {
            return new FloatValue(Math.abs(number.value()), number.trusted());
        }
        throw new TemplateException("bad operand type for abs(): '" + input.typeName() + "'");
    }

    private static Value toInteger(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("int", "default", "base");
        Value fallback = bound.get(0, IntegerValue.of(0));
        if (input instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        if (input instanceof StringValue text) {
            BigInteger parsed = NumberParsing.integer(text.text(), bound.integer(1, 10));
            if (parsed != null) {
                return IntegerValue.of(parsed, text.isWhollyTrusted());
            }
        }
        BigInteger integer = Arithmetic.integer(input);
        if (integer != null) {
            return new IntegerValue(integer, Arithmetic.isTrusted(input));
        }
        Double number = asFloat(input);
        if (number == null || number.isNaN() || number.isInfinite()) {
            return fallback;
        }
        return truncate(number, Arithmetic.isTrusted(input));
    }

    /// The integer part of a number.
    static IntegerValue truncate(double number, boolean trusted) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            throw new TemplateException("cannot convert float " + PythonFloat.represent(number) + " to integer");
        }
        return IntegerValue.of(new BigDecimal(number).toBigInteger(), trusted);
    }

    private static Value toFloat(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("float", "default");
        if (input instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        Double number = asFloat(input);
        return number == null
                ? bound.get(0, new FloatValue(0, true))
                : new FloatValue(number, Arithmetic.isTrusted(input));
    }

    private static @Nullable Double asFloat(Value value) {
        return value instanceof StringValue text ? NumberParsing.floating(text.text()) : Arithmetic.number(value);
    }

    private static Value round(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("round", "precision", "method");
        int precision = bound.integer(0, 0);
        String method = bound.string(1, StringValue.trusted("common")).text();
        Double number = Arithmetic.number(input);
        if (number == null) {
            throw new TemplateException("a number is required for round(), not " + input.typeName());
        }
        boolean trusted = Arithmetic.isTrusted(input);
        BigInteger integer = Arithmetic.integer(input);
        return switch (method) {
            case "common" ->
                integer == null
                        ? new FloatValue(FloatFormat.round(number, precision), trusted)
                        : new IntegerValue(round(integer, precision), trusted);
            case "ceil", "floor" -> {
                double power = Math.pow(10, precision);
                double scaled = method.equals("ceil") ? Math.ceil(number * power) : Math.floor(number * power);
                // Python goes through an integer here, which has no negative zero.
                yield new FloatValue((scaled + 0.0) / power, trusted);
            }
            default -> throw new TemplateException("method must be common, ceil or floor");
        };
    }

    private static BigInteger round(BigInteger integer, int precision) {
        if (precision >= 0) {
            return integer;
        }
        return new BigDecimal(integer)
                .setScale(Math.max(precision, -5000), RoundingMode.HALF_EVEN)
                .toBigInteger();
    }

    private static Value sum(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("sum", "attribute", "start");
        AttributePath attribute = AttributePath.of(evaluation, bound.notNone(0));
        Value sum = bound.get(1, IntegerValue.of(0));
        if (sum instanceof StringValue) {
            throw new TemplateException("sum() can't sum strings [use ''.join(seq) instead]");
        }
        for (Iterator<Value> values = evaluation.iterate(input); values.hasNext(); ) {
            evaluation.meter().step();
            sum = Arithmetic.add(evaluation.meter(), sum, attribute.of(values.next()));
        }
        return sum;
    }

    private static Value fileSize(Evaluation evaluation, Value input, Arguments arguments) {
        boolean binary = arguments.bind("filesizeformat", "binary").truth(0);
        Double bytes = asFloat(input);
        if (bytes == null) {
            throw new TemplateException("a number is required for filesizeformat, not " + input.typeName());
        }
        return StringValue.of(fileSize(bytes, binary), Arithmetic.isTrusted(input));
    }

    private static String fileSize(double bytes, boolean binary) {
        int base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return "1 Byte";
        }
        if (bytes < base) {
            return (long) bytes + " Bytes";
        }
        String prefixes = binary ? "KMGTPEZY" : "kMGTPEZY";
        double unit = base;
        int prefix = -1;
        do {
            unit *= base;
            prefix++;
        } while (bytes >= unit && prefix < prefixes.length() - 1);
        return FloatFormat.fixed(base * bytes / unit, 1) + " " + prefixes.charAt(prefix) + (binary ? "iB" : "B");
    }
}
