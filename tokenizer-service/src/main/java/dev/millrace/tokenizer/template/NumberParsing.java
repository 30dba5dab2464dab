package dev.millrace.tokenizer.template;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Python's `int(text, base)` and `float(text)`.
final class NumberParsing {
    private static final Pattern FLOAT = Pattern.compile(
            "[+-]?(?:\\d++(?:_\\d++)*+)?+(?:\\.(?:\\d++(?:_\\d++)*+)?+)?+(?:[eE][+-]?\\d++(?:_\\d++)*+)?+");

    private NumberParsing() {}

    /// The integer, or null where the text is none.
    static @Nullable BigInteger integer(String text, int base) {
        if (base != 0 && (base < 2 || base > 36)) {
            throw new TemplateException("int() base must be >= 2 and <= 36, or 0");
        }
        String digits = strip(text);
        boolean negative = digits.startsWith("-");
        digits = negative || digits.startsWith("+") ? digits.substring(1) : digits;
        int radix = base;
        int prefixed = digits.length() < 2 || digits.charAt(0) != '0'
                ? 10
                : switch (Character.toLowerCase(digits.charAt(1))) {
                    case 'b' -> 2;
                    case 'o' -> 8;
                    case 'x' -> 16;
                    default -> 10;
                };
        if (prefixed != 10 && (base == 0 || base == prefixed)) {
            radix = prefixed;
            digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
        } else if (base == 0) {
            radix = 10;
            if (digits.length() > 1
                    && digits.startsWith("0")
                    && !digits.replace("_", "").matches("0+")) {
                return null;
            }
        }
        BigInteger value = digits(digits, radix);
        return value == null || !negative ? value : value.negate();
    }

    private static @Nullable BigInteger digits(String digits, int radix) {
        StringBuilder plain = new StringBuilder(digits.length());
        boolean afterDigit = false;
        for (int character : digits.codePoints().toArray()) {
            int digit = Character.digit(character, radix);
            if (character == '_' ? !afterDigit : digit < 0) {
                return null;
            }
            afterDigit = character != '_';
            if (afterDigit) {
                plain.append(Character.forDigit(digit, radix));
            }
        }
        if (!afterDigit) {
            return null;
        }
        IntegerValue.checkBits(plain.length() * 3L);
        return new BigInteger(plain.toString(), radix);
    }

    /// The number, or null where the text is none.
    static @Nullable Double floating(String text) {
        String number = strip(text).toLowerCase(Locale.ROOT);
        String unsigned = number.startsWith("-") || number.startsWith("+") ? number.substring(1) : number;
        double sign = number.startsWith("-") ? -1 : 1;
        return switch (unsigned) {
            case "nan" -> Double.NaN;
            case "inf", "infinity" -> sign * Double.POSITIVE_INFINITY;
            default -> {
                boolean hasDigit = !unsigned.isEmpty()
                        && (isDigit(unsigned, 0) || (unsigned.startsWith(".") && isDigit(unsigned, 1)));
                boolean valid = hasDigit && FLOAT.matcher(number).matches();
                yield valid ? Double.valueOf(number.replace("_", "")) : null;
            }
        };
    }

    private static boolean isDigit(String text, int position) {
        return position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9';
    }

    /// Without whitespace around, and with the digits of every script as 0 to 9.
    private static String strip(String text) {
        int start = PythonText.skipLeft(text, PythonText::isSpace);
        StringBuilder plain = new StringBuilder();
        text.substring(start, PythonText.skipRight(text, start, PythonText::isSpace))
                .codePoints()
                .map(character -> Character.isDigit(character) ? '0' + Character.digit(character, 10) : character)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }
}
