package dev.millrace.tokenizer.template;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The tests after `is`, by name.
final class ValueTests {
    private static final Map<String, ValueTest> TESTS = new HashMap<>();

    static {
        simple("defined", value -> !(value instanceof UndefinedValue));
        simple("undefined", UndefinedValue.class::isInstance);
        simple("none", value -> value == NoneValue.NONE);
        simple("boolean", BooleanValue.class::isInstance);
        simple("true", value -> value == BooleanValue.TRUE);
        simple("false", value -> value == BooleanValue.FALSE);
        simple("integer", IntegerValue.class::isInstance);
        simple("float", FloatValue.class::isInstance);
        simple("number", value -> Arithmetic.integer(value) != null || value instanceof FloatValue);
        simple("string", StringValue.class::isInstance);
        simple("mapping", DictValue.class::isInstance);
        simple("callable", value -> value instanceof CallableValue || value instanceof UndefinedValue);
        simple("escaped", value -> value instanceof StringValue text && text.isMarkup());
        simple("sequence", ValueTests::isSequence);
        TESTS.put("iterable", (evaluation, input, arguments) -> {
            arguments.bind("iterable");
            return input instanceof LoopValue || Iteration.find(evaluation.meter(), input) != null;
        });
        TESTS.put("lower", (evaluation, input, arguments) -> {
            arguments.bind("lower");
            return CaseMethods.isLower(evaluation.text(input).text());
        });
        TESTS.put("upper", (evaluation, input, arguments) -> {
            arguments.bind("upper");
            return CaseMethods.isUpper(evaluation.text(input).text());
        });
        TESTS.put("odd", (evaluation, input, arguments) -> {
            arguments.bind("odd");
            return hasRemainder(evaluation, input, IntegerValue.of(2), 1);
        });
        TESTS.put("even", (evaluation, input, arguments) -> {
            arguments.bind("even");
            return hasRemainder(evaluation, input, IntegerValue.of(2), 0);
        });
        TESTS.put(
                "divisibleby",
                (evaluation, input, arguments) -> hasRemainder(
                        evaluation, input, arguments.bind("divisibleby", "num").get(0), 0));
        TESTS.put(
                "sameas",
                (evaluation, input, arguments) ->
                        isSame(input, arguments.bind("sameas", "other").get(0)));
        TESTS.put("filter", (evaluation, input, arguments) -> {
            arguments.bind("filter");
            HashKeys.of(evaluation.meter(), input);
            return input instanceof StringValue name && Filters.find(name.text()) != null;
        });
        TESTS.put("test", (evaluation, input, arguments) -> {
            arguments.bind("test");
            HashKeys.of(evaluation.meter(), input);
            return input instanceof StringValue name && find(name.text()) != null;
        });
        comparison(ComparisonOperator.IN, "in");
        comparison(ComparisonOperator.EQUAL, "eq", "==", "equalto");
        comparison(ComparisonOperator.NOT_EQUAL, "ne", "!=");
        comparison(ComparisonOperator.GREATER, "gt", ">", "greaterthan");
        comparison(ComparisonOperator.GREATER_OR_EQUAL, "ge", ">=");
        comparison(ComparisonOperator.LESS, "lt", "<", "lessthan");
        comparison(ComparisonOperator.LESS_OR_EQUAL, "le", "<=");
    }

    private ValueTests() {}

    static @Nullable ValueTest find(String name) {
        return TESTS.get(name);
    }

    private static void simple(String name, Predicate<Value> predicate) {
        TESTS.put(name, (evaluation, input, arguments) -> {
            arguments.bind(name);
            return predicate.test(input);
        });
    }

    private static void comparison(ComparisonOperator operator, String... names) {
        for (String name : names) {
            TESTS.put(
                    name,
                    (evaluation, input, arguments) -> operator.holds(
                            evaluation.meter(),
                            input,
                            arguments.bind(name, "other").get(0)));
        }
    }

    private static boolean isSequence(Value value) {
        return value instanceof SequenceValue
                || value instanceof StringValue
                || value instanceof DictValue
                || value instanceof UndefinedValue;
    }

    private static boolean hasRemainder(Evaluation evaluation, Value value, Value divisor, int remainder) {
        return evaluation.equal(Arithmetic.modulo(evaluation.meter(), value, divisor), IntegerValue.of(remainder));
    }

    /// Identity; Python keeps one object of each small integer.
    private static boolean isSame(Value left, Value right) {
        if (left instanceof IntegerValue a && right instanceof IntegerValue b) {
            boolean small =
                    a.value().compareTo(BigInteger.valueOf(-6)) > 0 && a.value().compareTo(BigInteger.valueOf(257)) < 0;
            return Identity.same(a, b) || (small && a.value().equals(b.value()));
        }
        return Identity.same(left, right);
    }
}
