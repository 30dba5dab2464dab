package dev.millrace.tokenizer.template;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Reads the tokens between a tag's begin and end.
final class TagLexer {
    private final String source;
    private final String close;
    private final List<Token> tokens;
    private final Deque<TokenType> open = new ArrayDeque<>();
    private int position;
    private int line;
    private char sign = ' ';

    TagLexer(String source, int position, int line, String close, List<Token> tokens) {
        this.source = source;
        this.position = position;
        this.line = line;
        this.close = close;
        this.tokens = tokens;
    }

    int position() {
        return position;
    }

    int line() {
        return line;
    }

    /// The whitespace sign of the tag's end: `-`, `+` or a space.
    char sign() {
        return sign;
    }

    /// Reads up to and including the tag's end; false where the source ends before.
    boolean run() {
        while (position < source.length()) {
            if (open.isEmpty() && atEnd()) {
                return true;
            }
            char character = source.charAt(position);
            if (PythonText.isSpace(character)) {
                line += character == '\n' ? 1 : 0;
                position++;
            } else if (isDigit(character)) {
                readNumber();
            } else if (isNamePart(source.codePointAt(position))) {
                readName();
            } else if (character == '\'' || character == '"') {
                readString(character);
            } else {
                readOperator();
            }
        }
        return false;
    }

    private boolean atEnd() {
        boolean block = close.equals("%}");
        char character = source.charAt(position);
        boolean signed = (character == '-' || (block && character == '+')) && source.startsWith(close, position + 1);
        if (signed) {
            sign = character;
            position++;
        }
        if (source.startsWith(close, position)) {
            position += close.length();
            return true;
        }
        return false;
    }

    private void add(TokenType type, String text) {
        tokens.add(new Token(type, text, line));
    }

    private static boolean isDigit(int character) {
        return character >= '0' && character <= '9';
    }

    private static boolean isNamePart(int character) {
        return character == '_'
                || (Character.isUnicodeIdentifierPart(character) && !Character.isIdentifierIgnorable(character));
    }

    private void readName() {
        int start = position;
        while (position < source.length() && isNamePart(source.codePointAt(position))) {
            position += Character.charCount(source.codePointAt(position));
        }
        int first = source.codePointAt(start);
        if (first != '_' && !Character.isUnicodeIdentifierStart(first)) {
            throw new TemplateException("Invalid character in identifier", line);
        }
        add(TokenType.NAME, source.substring(start, position));
    }

    private void readNumber() {
        boolean afterDot = position > 0 && source.charAt(position - 1) == '.';
        int end = NumberSyntax.endOfFloat(source, position);
        if (!afterDot && end > position) {
            add(TokenType.FLOAT, source.substring(position, end).replace("_", ""));
        } else {
            end = NumberSyntax.endOfInteger(source, position);
            add(TokenType.INTEGER, source.substring(position, end).replace("_", ""));
        }
        position = end;
    }

    private void readString(char quote) {
        int end = position + 1;
        boolean escaped = false;
        while (end < source.length() && source.charAt(end) != quote) {
            if (source.charAt(end) == '\\') {
                escaped = true;
                end++;
            }
            end++;
        }
        if (end >= source.length()) {
            throw new TemplateException("unexpected char " + quote + ": the string never ends", line);
        }
        String raw = source.substring(position + 1, end);
        add(TokenType.STRING, escaped ? StringEscapes.resolve(raw, line) : raw);
        line += (int) raw.chars().filter(character -> character == '\n').count();
        position = end + 1;
    }

    private void readOperator() {
        TokenType operator = TokenType.operatorAt(source, position);
        switch (operator) {
            case END ->
                throw new TemplateException(
                        "unexpected char '" + Character.toString(source.codePointAt(position)) + "'", line);
            case LEFT_BRACE -> open.push(TokenType.RIGHT_BRACE);
            case LEFT_BRACKET -> open.push(TokenType.RIGHT_BRACKET);
            case LEFT_PARENTHESIS -> open.push(TokenType.RIGHT_PARENTHESIS);
            case RIGHT_BRACE, RIGHT_BRACKET, RIGHT_PARENTHESIS -> {
                TokenType expected = open.poll();
                if (expected == null) {
                    throw new TemplateException("unexpected '" + operator.description() + "'", line);
                }
                if (expected != operator) {
                    throw new TemplateException(
                            "unexpected '" + operator.description() + "', expected '" + expected.description() + "'",
                            line);
                }
            }
            default -> {}
        }
        add(operator, "");
        position += operator.description().length();
    }
}
