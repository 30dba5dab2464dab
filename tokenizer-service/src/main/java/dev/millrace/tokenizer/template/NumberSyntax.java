package dev.millrace.tokenizer.template;

import java.math.BigInteger;
import java.util.Locale;

/// How numbers are written in templates: `42`, `0x2a`, `1_000`, `3.5`, `1e-3`.
final class NumberSyntax {
    private NumberSyntax() {}

    /// The end of a floating-point number that begins at `start`, or -1 where none does.
    static int endOfFloat(String source, int start) {
        int whole = endOfDigits(source, start, 10);
        int end = whole;
        if (whole + 1 < source.length() && source.charAt(whole) == '.' && isDigit(source.charAt(whole + 1), 10)) {
            end = endOfDigits(source, whole + 1, 10);
        }
        if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
            int exponent = end + 1;
            if (exponent < source.length() && (source.charAt(exponent) == '+' || source.charAt(exponent) == '-')) {
                exponent++;
            }
            if (exponent < source.length() && isDigit(source.charAt(exponent), 10)) {
                return endOfDigits(source, exponent, 10);
            }
        }
        return end > whole ? end : -1;
    }

    /// The end of the integer that begins at `start`, where a digit stands.
    static int endOfInteger(String source, int start) {
        int radix = prefixRadix(source, start);
        if (radix != 10) {
            int digits = start + 2;
            if (digits < source.length() && source.charAt(digits) == '_') {
                digits++;
            }
            if (digits < source.length() && isDigit(source.charAt(digits), radix)) {
                return endOfDigits(source, digits, radix);
            }
        }
        return source.charAt(start) == '0' ? endOfDigits(source, start, 1) : endOfDigits(source, start, 10);
    }

    /// The value of an integer without underscores.
    static BigInteger parseInteger(String digits) {
        int radix = prefixRadix(digits, 0);
        IntegerValue.checkBits(digits.length() * 3L);
        return radix == 10 ? new BigInteger(digits) : new BigInteger(digits.substring(2), radix);
    }

    private static int prefixRadix(String source, int start) {
        if (start + 1 >= source.length() || source.charAt(start) != '0') {
            return 10;
        }
        return switch (source.substring(start + 1, start + 2).toLowerCase(Locale.ROOT)) {
            case "b" -> 2;
            case "o" -> 8;
            case "x" -> 16;
            default -> 10;
        };
    }

    private static boolean isDigit(char character, int radix) {
        return radix == 1 ? character == '0' : character < 128 && Character.digit(character, radix) >= 0;
    }

    /// The end of digits with single underscores between them.
    private static int endOfDigits(String source, int start, int radix) {
        int end = start;
        while (end < source.length()) {
            if (isDigit(source.charAt(end), radix)) {
                end++;
            } else if (source.charAt(end) == '_'
                    && end > start
                    && end + 1 < source.length()
                    && isDigit(source.charAt(end + 1), radix)) {
                end += 2;
            } else {
                break;
            }
        }
        return end;
    }
}
