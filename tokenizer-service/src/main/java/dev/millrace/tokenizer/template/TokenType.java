package dev.millrace.tokenizer.template;

import java.util.EnumSet;
import java.util.Set;

/// The kinds of tokens, with how messages name them.
enum TokenType {
    DATA("template text"),
    BLOCK_BEGIN("begin of statement block"),
    BLOCK_END("end of statement block"),
    VARIABLE_BEGIN("begin of print statement"),
    VARIABLE_END("end of print statement"),
    NAME("name"),
    STRING("string"),
    INTEGER("integer"),
    FLOAT("float"),
    END("end of template"),
    FLOOR_DIVIDE("//"),
    POWER("**"),
    EQUAL("=="),
    NOT_EQUAL("!="),
    GREATER_OR_EQUAL(">="),
    LESS_OR_EQUAL("<="),
    ADD("+"),
    SUBTRACT("-"),
    DIVIDE("/"),
    MULTIPLY("*"),
    MODULO("%"),
    TILDE("~"),
    LEFT_BRACKET("["),
    RIGHT_BRACKET("]"),
    LEFT_PARENTHESIS("("),
    RIGHT_PARENTHESIS(")"),
    LEFT_BRACE("{"),
    RIGHT_BRACE("}"),
    GREATER(">"),
    LESS("<"),
    ASSIGN("="),
    DOT("."),
    COLON(":"),
    PIPE("|"),
    COMMA(","),
    SEMICOLON(";");

    /// Longer ones stand before shorter ones.
    private static final Set<TokenType> OPERATORS = EnumSet.range(FLOOR_DIVIDE, SEMICOLON);

    private final String description;

    TokenType(String description) {
        this.description = description;
    }

    /// How messages name it; an operator's own characters.
    String description() {
        return description;
    }

    /// The operator that begins at `position`, the longest first, or END where none does.
    static TokenType operatorAt(String source, int position) {
        for (TokenType operator : OPERATORS) {
            if (source.startsWith(operator.description, position)) {
                return operator;
            }
        }
        return END;
    }
}
