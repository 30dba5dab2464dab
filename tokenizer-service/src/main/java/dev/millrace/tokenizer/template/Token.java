package dev.millrace.tokenizer.template;

/// One token.
///
/// @param text a name, the value of a string, the digits of a number, template text; else empty
/// @param line the line where it begins, from 1
record Token(TokenType type, String text, int line) {
    boolean isName(String name) {
        return type == TokenType.NAME && text.equals(name);
    }

    String describe() {
        return type == TokenType.NAME ? text : type.description();
    }
}
