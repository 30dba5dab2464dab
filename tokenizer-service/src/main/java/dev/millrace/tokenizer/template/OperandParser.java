package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what operators stand between: literals, names, brackets, and the subscripts, calls, filters and tests behind.
final class OperandParser {
    private final ParserState state;
    private final TokenStream tokens;
    private final ExpressionParser expressions;

    OperandParser(ParserState state, ExpressionParser expressions) {
        this.state = state;
        this.tokens = state.tokens();
        this.expressions = expressions;
    }

    Expression parse(boolean withFilters) {
        state.nest();
        Expression result = switch (tokens.type()) {
            case SUBTRACT -> {
                tokens.next();
                yield new Expression.Negative(parse(false));
            }
            case ADD -> {
                tokens.next();
                yield new Expression.Positive(parse(false));
            }
            default -> parsePrimary();
        };
        result = parsePostfix(result);
        state.unnest();
        return withFilters ? parseFiltersAndTests(result) : result;
    }

    private Expression parsePrimary() {
        Token token = tokens.current();
        return switch (token.type()) {
            case NAME -> parseName(tokens.next().text());
            case STRING -> parseStrings();
            case INTEGER -> {
                tokens.next();
                yield new Expression.Literal(new IntegerValue(integer(token), true));
            }
            case FLOAT -> {
                tokens.next();
                yield new Expression.Literal(new FloatValue(Double.parseDouble(token.text()), true));
            }
            case LEFT_PARENTHESIS -> parseParentheses();
            case LEFT_BRACKET -> parseList();
            case LEFT_BRACE -> parseDict();
            default -> throw tokens.fail("unexpected '" + token.describe() + "'");
        };
    }

    private static java.math.BigInteger integer(Token token) {
        try {
            return NumberSyntax.parseInteger(token.text());
        } catch (TemplateException tooLong) {
            throw tooLong.at(token.line());
        }
    }

    private Expression parseName(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(BooleanValue.TRUE);
            case "false", "False" -> new Expression.Literal(BooleanValue.FALSE);
            case "none", "None" -> new Expression.Literal(NoneValue.NONE);
            default -> {
                state.read(name);
                yield new Expression.Name(name);
            }
        };
    }

    /// String literals side by side are one string.
    private Expression parseStrings() {
        StringBuilder text = new StringBuilder();
        while (tokens.type() == TokenType.STRING) {
            text.append(tokens.next().text());
        }
        return new Expression.Literal(StringValue.trusted(text.toString()));
    }

    private Expression parseParentheses() {
        tokens.next();
        if (tokens.skip(TokenType.RIGHT_PARENTHESIS)) {
            return new Expression.TupleDisplay(List.of());
        }
        Expression inside = expressions.parseTuple();
        tokens.expect(TokenType.RIGHT_PARENTHESIS);
        return inside;
    }

    private Expression parseList() {
        tokens.next();
        List<Expression> items = new ArrayList<>();
        while (tokens.type() != TokenType.RIGHT_BRACKET) {
            items.add(expressions.parse());
            if (!tokens.skip(TokenType.COMMA)) {
                break;
            }
        }
        tokens.expect(TokenType.RIGHT_BRACKET);
        return new Expression.ListDisplay(items);
    }

    private Expression parseDict() {
        tokens.next();
        List<Expression.Pair> pairs = new ArrayList<>();
        while (tokens.type() != TokenType.RIGHT_BRACE) {
            Expression key = expressions.parse();
            tokens.expect(TokenType.COLON);
            pairs.add(new Expression.Pair(key, expressions.parse()));
            if (!tokens.skip(TokenType.COMMA)) {
                break;
            }
        }
        tokens.expect(TokenType.RIGHT_BRACE);
        return new Expression.DictDisplay(pairs);
    }

    private Expression parsePostfix(Expression operand) {
        Expression result = operand;
        while (true) {
            switch (tokens.type()) {
                case DOT -> result = parseAttribute(result);
                case LEFT_BRACKET -> result = parseSubscript(result);
                case LEFT_PARENTHESIS -> result = parseCall(result);
                default -> {
                    return result;
                }
            }
        }
    }

    private Expression parseAttribute(Expression owner) {
        tokens.next();
        Token attribute = tokens.next();
        return switch (attribute.type()) {
            case NAME -> new Expression.Attribute(owner, attribute.text());
            case INTEGER ->
                new Expression.Item(owner, new Expression.Literal(new IntegerValue(integer(attribute), true)));
            default -> throw new TemplateException("expected name or number", attribute.line());
        };
    }

    private Expression parseSubscript(Expression owner) {
        tokens.next();
        List<Expression> indexes = new ArrayList<>();
        while (tokens.type() != TokenType.RIGHT_BRACKET) {
            indexes.add(parseIndex());
            if (tokens.type() == TokenType.RIGHT_BRACKET) {
                break;
            }
            tokens.expect(TokenType.COMMA);
        }
        tokens.expect(TokenType.RIGHT_BRACKET);
        Expression index = indexes.size() == 1 ? indexes.getFirst() : new Expression.TupleDisplay(indexes);
        return new Expression.Item(owner, index);
    }

    private Expression parseIndex() {
        Expression start = tokens.type() == TokenType.COLON ? null : expressions.parse();
        if (start != null && tokens.type() != TokenType.COLON) {
            return start;
        }
        tokens.expect(TokenType.COLON);
        Expression stop = parseSliceParts();
        Expression step = tokens.skip(TokenType.COLON) ? parseSliceParts() : null;
        return new Expression.Slice(start, stop, step);
    }

    private @Nullable Expression parseSliceParts() {
        return switch (tokens.type()) {
            case COLON, RIGHT_BRACKET, COMMA -> null;
            default -> expressions.parse();
        };
    }

    private Expression parseCall(Expression callee) {
        int line = tokens.line();
        return new Expression.Call(callee, parseArguments(), line);
    }

    private Expression parseFiltersAndTests(Expression operand) {
        Expression result = operand;
        while (true) {
            if (tokens.type() == TokenType.PIPE) {
                tokens.next();
                result = new Expression.Filter(result, parseFilterCall());
            } else if (tokens.isName("is")) {
                result = parseTest(result);
            } else if (tokens.type() == TokenType.LEFT_PARENTHESIS) {
                result = parseCall(result);
            } else {
                return result;
            }
        }
    }

    /// A filter's name and arguments, after the `|`.
    FilterCall parseFilterCall() {
        int line = tokens.line();
        String name = parseDottedName();
        CallArguments arguments = tokens.type() == TokenType.LEFT_PARENTHESIS ? parseArguments() : CallArguments.NONE;
        return new FilterCall(name, arguments, line);
    }

    private String parseDottedName() {
        StringBuilder name = new StringBuilder(tokens.expect(TokenType.NAME).text());
        while (tokens.skip(TokenType.DOT)) {
            name.append('.').append(tokens.expect(TokenType.NAME).text());
        }
        return name.toString();
    }

    private Expression parseTest(Expression input) {
        int line = tokens.next().line();
        boolean negated = tokens.skipName("not");
        String name = parseDottedName();
        Expression test = new Expression.Test(input, name, parseTestArguments(), line);
        return negated ? new Expression.Not(test) : test;
    }

    private CallArguments parseTestArguments() {
        switch (tokens.type()) {
            case LEFT_PARENTHESIS -> {
                return parseArguments();
            }
            case NAME -> {
                if (tokens.isName("else") || tokens.isName("or") || tokens.isName("and")) {
                    return CallArguments.NONE;
                }
                if (tokens.isName("is")) {
                    throw tokens.fail("You cannot chain multiple tests with is");
                }
            }
            case STRING, INTEGER, FLOAT, LEFT_BRACKET, LEFT_BRACE -> {}
            default -> {
                return CallArguments.NONE;
            }
        }
        Expression argument = parsePostfix(parsePrimary());
        return new CallArguments(List.of(argument), List.of(), null, null);
    }

    private CallArguments parseArguments() {
        tokens.expect(TokenType.LEFT_PARENTHESIS);
        List<Expression> positional = new ArrayList<>();
        List<CallArguments.Named> named = new ArrayList<>();
        Expression morePositional = null;
        Expression moreNamed = null;
        while (tokens.type() != TokenType.RIGHT_PARENTHESIS) {
            if (tokens.type() == TokenType.MULTIPLY) {
                ensure(morePositional == null && moreNamed == null);
                tokens.next();
                morePositional = expressions.parse();
            } else if (tokens.type() == TokenType.POWER) {
                ensure(moreNamed == null);
                tokens.next();
                moreNamed = expressions.parse();
            } else if (tokens.type() == TokenType.NAME && tokens.look().type() == TokenType.ASSIGN) {
                ensure(moreNamed == null);
                String name = tokens.next().text();
                tokens.next();
                named.add(new CallArguments.Named(name, expressions.parse()));
            } else {
                ensure(morePositional == null && moreNamed == null && named.isEmpty());
                positional.add(expressions.parse());
            }
            if (tokens.type() != TokenType.RIGHT_PARENTHESIS) {
                tokens.expect(TokenType.COMMA);
            }
        }
        tokens.expect(TokenType.RIGHT_PARENTHESIS);
        return new CallArguments(positional, named, morePositional, moreNamed);
    }

    private void ensure(boolean valid) {
        if (!valid) {
            throw tokens.fail("invalid syntax for function call expression");
        }
    }
}
