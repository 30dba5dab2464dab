package dev.millrace.tokenizer.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/// C's `%f`, `%e` and `%g` for a finite, non-negative number, and Python's `round`.
final class FloatFormat {
    private static final int MAXIMUM_PRECISION = 1000;

    private FloatFormat() {}

    static boolean isStyle(char type) {
        return switch (type) {
            case 'e', 'E', 'f', 'F', 'g', 'G', '%' -> true;
            default -> false;
        };
    }

    /// The digits of `number` in the style of `type` (e, f, g or %, in either case), without a sign.
    static String format(double number, char type, int precision, boolean alternate) {
        if (precision > MAXIMUM_PRECISION) {
            throw new TemplateException("precision too big");
        }
        boolean upper = Character.isUpperCase(type);
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            String name = (Double.isNaN(number) ? "nan" : "inf") + (type == '%' ? "%" : "");
            return upper ? name.toUpperCase(Locale.ROOT) : name;
        }
        int digits = precision < 0 ? 6 : precision;
        String text = switch (Character.toLowerCase(type)) {
            case 'f' -> fixed(number, digits);
            case '%' -> fixed(number * 100, digits) + "%";
            case 'e' -> exponential(number, digits);
            default -> general(number, Math.max(digits, 1), alternate);
        };
        return upper ? text.toUpperCase(Locale.ROOT) : text;
    }

    static String fixed(double number, int precision) {
        return new BigDecimal(number)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
    }

    private static String exponential(double number, int precision) {
        if (number == 0) {
            return fixed(0, precision) + "e+00";
        }
        BigDecimal rounded = new BigDecimal(number).round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        String digits = rounded.unscaledValue().toString();
        int exponent = digits.length() - rounded.scale() - 1;
        String padded = digits + "0".repeat(Math.max(0, precision + 1 - digits.length()));
        String mantissa =
                precision == 0 ? padded.substring(0, 1) : padded.charAt(0) + "." + padded.substring(1, precision + 1);
        return mantissa + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private static String general(double number, int precision, boolean alternate) {
        int exponent = 0;
        if (number != 0) {
            BigDecimal rounded = new BigDecimal(number).round(new MathContext(precision, RoundingMode.HALF_EVEN));
            exponent = rounded.precision() - rounded.scale() - 1;
        }
        boolean scientific = exponent < -4 || exponent >= precision;
        String text = scientific ? exponential(number, precision - 1) : fixed(number, precision - 1 - exponent);
        return alternate ? text : withoutTrailingZeros(text);
    }

    private static String withoutTrailingZeros(String text) {
        int exponent = text.indexOf('e');
        String mantissa = exponent < 0 ? text : text.substring(0, exponent);
        if (mantissa.indexOf('.') >= 0) {
            int end = mantissa.length();
            while (mantissa.charAt(end - 1) == '0') {
                end--;
            }
            mantissa = mantissa.substring(0, mantissa.charAt(end - 1) == '.' ? end - 1 : end);
        }
        return exponent < 0 ? mantissa : mantissa + text.substring(exponent);
    }

    /// `round(number, precision)`: exact, halves to even.
    static double round(double number, int precision) {
        if (Double.isNaN(number) || Double.isInfinite(number) || precision > 323) {
            return number;
        }
        if (precision < -308) {
            return 0;
        }
        double rounded = new BigDecimal(number)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .doubleValue();
        return rounded == 0 ? Math.copySign(0.0, number) : rounded;
    }
}
