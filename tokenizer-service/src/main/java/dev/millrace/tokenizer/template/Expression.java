package dev.millrace.tokenizer.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The syntax tree of expressions.
sealed interface Expression {
    record Literal(Value value) implements Expression {}

    record Name(String name) implements Expression {}

    record TupleDisplay(List<Expression> items) implements Expression {}

    record ListDisplay(List<Expression> items) implements Expression {}

    record DictDisplay(List<Pair> pairs) implements Expression {}

    record Pair(Expression key, Expression value) {}

    /// `owner.name`
    record Attribute(Expression owner, String name) implements Expression {}

    /// `owner[index]`
    record Item(Expression owner, Expression index) implements Expression {}

    /// `start:stop:step` inside brackets
    record Slice(
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step) implements Expression {}

    record Call(Expression callee, CallArguments arguments, int line) implements Expression {}

    /// `input|name(arguments)`
    record Filter(Expression input, FilterCall call) implements Expression {}

    /// `input is name(arguments)`
    record Test(Expression input, String name, CallArguments arguments, int line) implements Expression {}

    record Not(Expression operand) implements Expression {}

    record Negative(Expression operand) implements Expression {}

    record Positive(Expression operand) implements Expression {}

    /// An arithmetic operator.
    record Binary(TokenType operator, Expression left, Expression right) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    /// `a ~ b ~ c`
    record Concatenation(List<Expression> parts) implements Expression {}

    /// `first < second <= third`
    record Comparisons(Expression first, List<Operand> operands) implements Expression {}

    record Operand(ComparisonOperator operator, Expression right) {}

    /// `then if test else otherwise`
    record Conditional(
            Expression test, Expression then, @Nullable Expression otherwise) implements Expression {}
}
