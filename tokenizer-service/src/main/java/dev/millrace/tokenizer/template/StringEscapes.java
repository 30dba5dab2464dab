package dev.millrace.tokenizer.template;

/// The backslash escapes of string literals, as Python's.
final class StringEscapes {
    private final String raw;
    private final int line;
    private final StringBuilder text;
    private int position;

    private StringEscapes(String raw, int line) {
        this.raw = raw;
        this.line = line;
        this.text = new StringBuilder(raw.length());
    }

    static String resolve(String raw, int line) {
        StringEscapes escapes = new StringEscapes(raw, line);
        while (escapes.position < raw.length()) {
            char character = raw.charAt(escapes.position++);
            if (character == '\\' && escapes.position < raw.length()) {
                escapes.readEscape(raw.charAt(escapes.position++));
            } else {
                escapes.text.append(character);
            }
        }
        return escapes.text.toString();
    }

    private void readEscape(char kind) {
        switch (kind) {
            case '\n' -> {}
            case '\\', '\'', '"' -> text.append(kind);
            case 'a' -> text.append('\u0007');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'v' -> text.append('\u000b');
            case 'x' -> readHexadecimal(2);
            case 'u' -> readHexadecimal(4);
            case 'U' -> readHexadecimal(8);
            case 'N' -> readName();
            default -> {
                if (kind >= '0' && kind <= '7') {
                    readOctal(kind - '0');
                } else {
                    text.append('\\').append(kind);
                }
            }
        }
    }

    private void readOctal(int first) {
        int value = first;
        for (int digits = 1; digits < 3 && position < raw.length(); digits++) {
            int digit = raw.charAt(position) - '0';
            if (digit < 0 || digit > 7) {
                break;
            }
            value = value * 8 + digit;
            position++;
        }
        text.appendCodePoint(value);
    }

    private void readHexadecimal(int digits) {
        long value = 0;
        for (int i = 0; i < digits; i++) {
            char character = position < raw.length() ? raw.charAt(position) : ' ';
            int digit = character < 128 ? Character.digit(character, 16) : -1;
            if (digit < 0) {
                throw new TemplateException("truncated escape in a string", line);
            }
            value = value * 16 + digit;
            position++;
        }
        if (value > Character.MAX_CODE_POINT) {
            throw new TemplateException("illegal Unicode character in a string", line);
        }
        text.appendCodePoint((int) value);
    }

    private void readName() {
        int end = raw.indexOf('}', position);
        if (!raw.startsWith("{", position) || end < 0) {
            throw new TemplateException("malformed \\N character escape in a string", line);
        }
        try {
            text.appendCodePoint(Character.codePointOf(raw.substring(position + 1, end)));
        } catch (IllegalArgumentException unknown) {
            throw new TemplateException("unknown Unicode character name in a string", line);
        }
        position = end + 1;
    }
}
