package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;

/// Splits a template's source into tokens, as jinja2 does with `trim_blocks` and `lstrip_blocks`. One pass, without
/// looking back: the time is linear in the source.
final class Lexer {
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int line = 1;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokenize(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        boolean atLineStart = true;
        while (position < source.length()) {
            int tag = findTag(position);
            if (tag < 0) {
                addData(position, source.length());
                position = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            int afterSign = tag + 2 < source.length() && isSign(source.charAt(tag + 2)) ? tag + 3 : tag + 2;
            addText(tag, afterSign, kind != '{', atLineStart);
            position = afterSign;
            switch (kind) {
                case '#' -> skipComment();
                case '%' -> readBlock();
                default -> readTag(TokenType.VARIABLE_BEGIN, TokenType.VARIABLE_END, "}}");
            }
            atLineStart = position > 0 && source.charAt(position - 1) == '\n';
        }
        tokens.add(new Token(TokenType.END, "", line));
    }

    /// The next `{{`, `{%` or `{#` at or after `from`, or -1.
    private int findTag(int from) {
        int brace = source.indexOf('{', from);
        while (brace >= 0 && brace + 1 < source.length()) {
            char next = source.charAt(brace + 1);
            if (next == '{' || next == '%' || next == '#') {
                return brace;
            }
            brace = source.indexOf('{', brace + 1);
        }
        return -1;
    }

    private static boolean isSign(char character) {
        return character == '-' || character == '+';
    }

    /// Adds the text before a tag that begins at `tag`, without the whitespace that the tag takes away.
    private void addText(int tag, int afterSign, boolean isBlock, boolean atLineStart) {
        char sign = source.charAt(afterSign - 1);
        int end = tag;
        if (sign == '-') {
            end = skipSpacesBack(tag, position);
        } else if (sign != '+' && isBlock) {
            end = skipIndentation(tag, atLineStart);
        }
        addData(position, end);
        countLines(end, tag);
    }

    /// The start of the whitespace between a line's start and the tag, or the tag's position where other text is there.
    private int skipIndentation(int tag, boolean atLineStart) {
        int spaces = skipSpacesBack(tag, position);
        for (int i = tag - 1; i >= spaces; i--) {
            if (source.charAt(i) == '\n') {
                return i + 1;
            }
        }
        return spaces == position && atLineStart ? position : tag;
    }

    private int skipSpacesBack(int end, int start) {
        int result = end;
        while (result > start && PythonText.isSpace(source.charAt(result - 1))) {
            result--;
        }
        return result;
    }

    private void addData(int start, int end) {
        if (start < end) {
            tokens.add(new Token(TokenType.DATA, source.substring(start, end), line));
            countLines(start, end);
        }
    }

    private void countLines(int start, int end) {
        for (int i = source.indexOf('\n', start, end); i >= 0; i = source.indexOf('\n', i + 1, end)) {
            line++;
        }
    }

    private void skipComment() {
        int end = source.indexOf("#}", position);
        if (end < 0) {
            throw new TemplateException("Missing end of comment tag", line);
        }
        char sign = end > position ? source.charAt(end - 1) : ' ';
        int start = position;
        position = end + 2;
        skipAfterTag(sign, true);
        countLines(start, position);
    }

    /// Skips what a tag's end takes away: all whitespace after `-`, nothing after `+`, otherwise one line break.
    private void skipAfterTag(char sign, boolean isBlock) {
        if (sign == '-') {
            while (position < source.length() && PythonText.isSpace(source.charAt(position))) {
                position++;
            }
        } else if (sign != '+' && isBlock && position < source.length() && source.charAt(position) == '\n') {
            position++;
        }
    }

    private void readBlock() {
        int raw = endOfRawTag(position, "raw");
        if (raw < 0) {
            readTag(TokenType.BLOCK_BEGIN, TokenType.BLOCK_END, "%}");
            return;
        }
        int start = position;
        position = raw;
        if (source.charAt(raw - 3) == '-') {
            skipAfterTag('-', true);
        }
        countLines(start, position);
        readRaw();
    }

    /// Where `raw %}` or `endraw %}` ends, if it stands at `from`; otherwise -1.
    private int endOfRawTag(int from, String name) {
        int at = from;
        while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
            at++;
        }
        if (!source.startsWith(name, at)) {
            return -1;
        }
        at += name.length();
        while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
            at++;
        }
        boolean signed = at < source.length()
                && (source.charAt(at) == '-' || (source.charAt(at) == '+' && name.equals("endraw")));
        at = signed ? at + 1 : at;
        return source.startsWith("%}", at) ? at + 2 : -1;
    }

    private void readRaw() {
        boolean atLineStart = source.charAt(position - 1) == '\n';
        int tag = source.indexOf("{%", position);
        while (tag >= 0) {
            int afterSign = tag + 2 < source.length() && isSign(source.charAt(tag + 2)) ? tag + 3 : tag + 2;
            int end = endOfRawTag(afterSign, "endraw");
            if (end >= 0) {
                addText(tag, afterSign, true, atLineStart);
                position = end;
                skipAfterTag(source.charAt(end - 3), true);
                countLines(tag, position);
                return;
            }
            tag = source.indexOf("{%", tag + 2);
        }
        throw new TemplateException("Missing end of raw directive", line);
    }

    private void readTag(TokenType begin, TokenType end, String close) {
        tokens.add(new Token(begin, "", line));
        TagLexer inside = new TagLexer(source, position, line, close, tokens);
        boolean closed = inside.run();
        line = inside.line();
        position = inside.position();
        if (closed) {
            tokens.add(new Token(end, "", line));
            int start = position;
            skipAfterTag(inside.sign(), end == TokenType.BLOCK_END);
            countLines(start, position);
        }
    }
}
