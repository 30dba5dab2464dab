package dev.millrace.tokenizer.template;

import java.util.List;

/// The tokens of a template, read one by one, with a look at the next.
final class TokenStream {
    private final List<Token> tokens;
    private int position;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(position);
    }

    TokenType type() {
        return current().type();
    }

    int line() {
        return current().line();
    }

    /// The token after the current one.
    Token look() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    /// Gives the current token and goes on.
    Token next() {
        Token token = current();
        if (position < tokens.size() - 1) {
            position++;
        }
        return token;
    }

    boolean isName(String name) {
        return current().isName(name);
    }

    boolean skip(TokenType type) {
        if (type() != type) {
            return false;
        }
        next();
        return true;
    }

    boolean skipName(String name) {
        if (!isName(name)) {
            return false;
        }
        next();
        return true;
    }

    Token expect(TokenType type) {
        if (type() != type) {
            throw unexpected(type.description());
        }
        return next();
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected(name);
        }
    }

    TemplateException unexpected(String expected) {
        if (type() == TokenType.END) {
            return fail("unexpected end of template, expected '" + expected + "'");
        }
        return fail("expected '" + expected + "', got '" + current().describe() + "'");
    }

    TemplateException fail(String message) {
        return new TemplateException(message, line());
    }
}
