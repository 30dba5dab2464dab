package dev.millrace.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;

/// Numbers as text by a format specification, before filling up to the width.
final class NumberText {
    private NumberText() {}

    /// The sign to show, and the digits with their prefix.
    record Signed(String sign, String prefix, String digits) {}

    static Signed of(Value value, FormatSpec spec) {
        BigInteger integer = Arithmetic.integer(value);
        boolean asFloat = FloatFormat.isStyle(spec.type());
        if (integer != null && !asFloat) {
            return ofInteger(integer, spec);
        }
        Double number = Arithmetic.number(value);
        if (number == null) {
            throw new TemplateException("a number is required, not " + value.typeName());
        }
        return ofFloat(number, spec);
    }

    private static Signed ofInteger(BigInteger integer, FormatSpec spec) {
        if (spec.precision() >= 0) {
            throw new TemplateException("Precision not allowed in integer format specifier");
        }
        BigInteger absolute = integer.abs();
        String digits = switch (spec.type()) {
            case 'b' -> absolute.toString(2);
            case 'o' -> absolute.toString(8);
            case 'x' -> absolute.toString(16);
            case 'X' -> absolute.toString(16).toUpperCase(Locale.ROOT);
            case 'c' -> Character.toString(character(integer));
            case 's' -> throw unknown(spec, "int");
            default -> absolute.toString();
        };
        boolean based = "boxX".indexOf(spec.type()) >= 0 && spec.type() != 0;
        String prefix = spec.alternate() && based ? "0" + spec.type() : "";
        return new Signed(sign(integer.signum() < 0, spec), prefix, grouped(digits, spec, based ? 4 : 3));
    }

    private static int character(BigInteger integer) {
        if (integer.signum() < 0 || integer.bitLength() > 21 || !Character.isValidCodePoint(integer.intValue())) {
            throw new TemplateException("a character number is out of range");
        }
        return integer.intValue();
    }

    private static Signed ofFloat(double number, FormatSpec spec) {
        boolean negative = Double.doubleToRawLongBits(number) < 0 && !Double.isNaN(number);
        double absolute = Math.abs(number);
        String digits;
        if (spec.type() == 0) {
            digits = spec.precision() < 0 ? PythonFloat.represent(absolute) : shortest(absolute, spec);
        } else if (spec.type() != 'n' && !FloatFormat.isStyle(spec.type())) {
            throw unknown(spec, "float");
        } else {
            char type = spec.type() == 'n' ? 'g' : spec.type();
            digits = FloatFormat.format(absolute, type, spec.precision(), spec.alternate());
        }
        return new Signed(sign(negative, spec), "", grouped(digits, spec, 3));
    }

    /// Without a type but with a precision: like `g`, with at least one digit after the point.
    private static String shortest(double number, FormatSpec spec) {
        String text = FloatFormat.format(number, 'g', spec.precision(), false);
        if (text.indexOf('e') >= 0 || text.indexOf('.') >= 0 || Double.isNaN(number) || Double.isInfinite(number)) {
            return text;
        }
        boolean fits = new BigDecimal(text).precision() < Math.max(1, spec.precision());
        return fits ? text + ".0" : FloatFormat.format(number, 'e', spec.precision() - 1, false);
    }

    private static String sign(boolean negative, FormatSpec spec) {
        if (negative) {
            return "-";
        }
        return spec.sign() == '+' || spec.sign() == ' ' ? Character.toString(spec.sign()) : "";
    }

    private static String grouped(String digits, FormatSpec spec, int size) {
        if (spec.grouping() == 0) {
            return digits;
        }
        int whole = 0;
        while (whole < digits.length()
                && Character.digit(digits.charAt(whole), 16) >= 0
                && digits.charAt(whole) != 'e') {
            whole++;
        }
        StringBuilder grouped = new StringBuilder(digits);
        for (int i = whole - size; i > 0; i -= size) {
            grouped.insert(i, spec.grouping());
        }
        return grouped.toString();
    }

    private static TemplateException unknown(FormatSpec spec, String type) {
        return new TemplateException("Unknown format code '" + spec.type() + "' for object of type '" + type + "'");
    }
}
