package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads expressions, with jinja2's precedence: `if` < `or` < `and` < `not` < comparisons < `+ -` < `~` < `* / // %` <
/// `**` < unary < filters and tests.
final class ExpressionParser {
    private final ParserState state;
    private final TokenStream tokens;
    private final OperandParser operands;

    ExpressionParser(ParserState state) {
        this.state = state;
        this.tokens = state.tokens();
        this.operands = new OperandParser(state, this);
    }

    OperandParser operands() {
        return operands;
    }

    Expression parse() {
        state.nest();
        Expression result = parseOr();
        while (tokens.skipName("if")) {
            Expression test = parseOr();
            Expression otherwise = tokens.skipName("else") ? parse() : null;
            result = new Expression.Conditional(test, result, otherwise);
        }
        state.unnest();
        return result;
    }

    /// One expression, or several with commas between them, which make a tuple.
    Expression parseTuple() {
        return parseTuple(true, null);
    }

    /// Like {@link #parseTuple()} without a bare `if`, as after `for ... in` and `if`.
    Expression parseTupleWithoutIf(@Nullable String endName) {
        return parseTuple(false, endName);
    }

    private Expression parseTuple(boolean withIf, @Nullable String endName) {
        List<Expression> items = new ArrayList<>();
        boolean isTuple = false;
        while (!atTupleEnd(endName)) {
            items.add(withIf ? parse() : parseOr());
            if (!tokens.skip(TokenType.COMMA)) {
                break;
            }
            isTuple = true;
        }
        if (isTuple) {
            return new Expression.TupleDisplay(items);
        }
        if (items.isEmpty()) {
            throw tokens.fail("Expected an expression, got '" + tokens.current().describe() + "'");
        }
        return items.getFirst();
    }

    boolean atTupleEnd(@Nullable String endName) {
        return switch (tokens.type()) {
            case VARIABLE_END, BLOCK_END, RIGHT_PARENTHESIS -> true;
            default -> endName != null && tokens.isName(endName);
        };
    }

    private Expression parseOr() {
        Expression left = parseAnd();
        while (tokens.skipName("or")) {
            left = new Expression.Or(left, parseAnd());
        }
        return left;
    }

    private Expression parseAnd() {
        Expression left = parseNot();
        while (tokens.skipName("and")) {
            left = new Expression.And(left, parseNot());
        }
        return left;
    }

    private Expression parseNot() {
        int negations = 0;
        while (tokens.skipName("not")) {
            negations++;
            state.nest();
        }
        Expression result = parseComparisons();
        for (; negations > 0; negations--) {
            result = new Expression.Not(result);
            state.unnest();
        }
        return result;
    }

    private Expression parseComparisons() {
        Expression first = parseSum();
        List<Expression.Operand> chain = new ArrayList<>();
        for (ComparisonOperator operator = comparison(); operator != null; operator = comparison()) {
            chain.add(new Expression.Operand(operator, parseSum()));
        }
        return chain.isEmpty() ? first : new Expression.Comparisons(first, chain);
    }

    /// Reads a comparison operator, or gives null where none stands.
    private @Nullable ComparisonOperator comparison() {
        ComparisonOperator operator = switch (tokens.type()) {
            case EQUAL -> ComparisonOperator.EQUAL;
            case NOT_EQUAL -> ComparisonOperator.NOT_EQUAL;
            case LESS -> ComparisonOperator.LESS;
            case LESS_OR_EQUAL -> ComparisonOperator.LESS_OR_EQUAL;
            case GREATER -> ComparisonOperator.GREATER;
            case GREATER_OR_EQUAL -> ComparisonOperator.GREATER_OR_EQUAL;
            case NAME -> membership();
            default -> null;
        };
        if (operator != null) {
            tokens.next();
        }
        return operator;
    }

    private @Nullable ComparisonOperator membership() {
        if (tokens.isName("not") && tokens.look().isName("in")) {
            tokens.next();
            return ComparisonOperator.NOT_IN;
        }
        return tokens.isName("in") ? ComparisonOperator.IN : null;
    }

    private Expression parseSum() {
        Expression left = parseConcatenation();
        while (tokens.type() == TokenType.ADD || tokens.type() == TokenType.SUBTRACT) {
            TokenType operator = tokens.next().type();
            left = new Expression.Binary(operator, left, parseConcatenation());
        }
        return left;
    }

    private Expression parseConcatenation() {
        Expression first = parseProduct();
        if (tokens.type() != TokenType.TILDE) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skip(TokenType.TILDE)) {
            parts.add(parseProduct());
        }
        return new Expression.Concatenation(parts);
    }

    private Expression parseProduct() {
        Expression left = parsePower();
        while (true) {
            switch (tokens.type()) {
                case MULTIPLY, DIVIDE, FLOOR_DIVIDE, MODULO -> {
                    TokenType operator = tokens.next().type();
                    left = new Expression.Binary(operator, left, parsePower());
                }
                default -> {
                    return left;
                }
            }
        }
    }

    private Expression parsePower() {
        Expression left = operands.parse(true);
        while (tokens.skip(TokenType.POWER)) {
            left = new Expression.Binary(TokenType.POWER, left, operands.parse(true));
        }
        return left;
    }
}
