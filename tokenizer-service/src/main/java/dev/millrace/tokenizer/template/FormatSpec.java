package dev.millrace.tokenizer.template;

/// Python's format specification `[[fill]align][sign][#][0][width][,][.precision][type]`.
///
/// @param fill a character, possibly beyond the BMP
/// @param align `<`, `>`, `^`, `=`, or 0 where not given
/// @param grouping `,`, `_` or 0
/// @param precision -1 where not given
/// @param type 0 where not given
record FormatSpec(
        String fill, char align, char sign, boolean alternate, int width, char grouping, int precision, char type) {
    static FormatSpec parse(String spec) {
        return new Parser(spec).parse();
    }

    private static final class Parser {
        private final String spec;
        private int position;

        Parser(String spec) {
            this.spec = spec;
        }

        private char peek() {
            return position < spec.length() ? spec.charAt(position) : 0;
        }

        private char take(String choices) {
            char next = peek();
            if (next != 0 && choices.indexOf(next) >= 0) {
                position++;
                return next;
            }
            return 0;
        }

        private int number(int fallback) {
            int start = position;
            while (peek() >= '0' && peek() <= '9') {
                position++;
            }
            if (start == position) {
                return fallback;
            }
            if (position - start > 9) {
                throw new TemplateException("Too many decimal digits in format string");
            }
            return Integer.parseInt(spec.substring(start, position));
        }

        FormatSpec parse() {
            String fill = " ";
            char align = 0;
            int afterFill = spec.isEmpty() ? 0 : Character.charCount(spec.codePointAt(0));
            if (afterFill > 0 && afterFill < spec.length() && "<>^=".indexOf(spec.charAt(afterFill)) >= 0) {
                fill = spec.substring(0, afterFill);
                align = spec.charAt(afterFill);
                position = afterFill + 1;
            } else {
                align = take("<>^=");
            }
            char sign = take("+- ");
            boolean alternate = take("#") != 0;
            if (take("0") != 0 && align == 0) {
                fill = "0";
                align = '=';
            }
            int width = number(0);
            char grouping = take(",_");
            int precision = take(".") != 0 ? number(-2) : -1;
            char type = take("bcdeEfFgGnosxX%");
            if (precision == -2 || position < spec.length()) {
                throw new TemplateException("Invalid format specifier '" + spec + "'");
            }
            return new FormatSpec(fill, align, sign, alternate, width, grouping, precision, type);
        }
    }
}
