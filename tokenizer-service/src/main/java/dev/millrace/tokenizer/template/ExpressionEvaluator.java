package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Evaluates expressions.
final class ExpressionEvaluator {
    private final Evaluation evaluation;
    private final Meter meter;

    ExpressionEvaluator(Evaluation evaluation, Meter meter) {
        this.evaluation = evaluation;
        this.meter = meter;
    }

    Value evaluate(Expression expression, Frame frame) {
        meter.step();
        meter.enter();
        Value value = switch (expression) {
            case Expression.Literal literal -> literal.value();
            case Expression.Name name -> frame.get(name.name());
            case Expression.Attribute attribute ->
                Attributes.attribute(evaluate(attribute.owner(), frame), attribute.name());
            case Expression.Item item -> item(item, frame);
            case Expression.Call call -> call(call, frame, null);
            case Expression.Filter filter -> applyFilter(filter.call(), evaluate(filter.input(), frame), frame);
            case Expression.Test test -> test(test, frame);
            case Expression.Not not -> BooleanValue.of(!Truth.of(evaluate(not.operand(), frame)));
            case Expression.And and -> {
                Value left = evaluate(and.left(), frame);
                yield Truth.of(left) ? evaluate(and.right(), frame) : left;
            }
            case Expression.Or or -> {
                Value left = evaluate(or.left(), frame);
                yield Truth.of(left) ? left : evaluate(or.right(), frame);
            }
            case Expression.Conditional conditional -> conditional(conditional, frame);
            case Expression.Comparisons comparisons -> compare(comparisons, frame);
            case Expression.Binary binary -> binary(binary, frame);
            case Expression.Concatenation concatenation -> concatenate(concatenation, frame);
            case Expression.Negative negative -> Arithmetic.negate(evaluate(negative.operand(), frame));
            case Expression.Positive positive -> Arithmetic.positive(evaluate(positive.operand(), frame));
            case Expression.TupleDisplay tuple -> new TupleValue(evaluateAll(tuple.items(), frame));
            case Expression.ListDisplay list -> new ListValue(evaluateAll(list.items(), frame));
            case Expression.DictDisplay dict -> dict(dict, frame);
            case Expression.Slice slice ->
                new SliceValue(part(slice.start(), frame), part(slice.stop(), frame), part(slice.step(), frame));
        };
        meter.leave();
        return value;
    }

    private List<Value> evaluateAll(List<Expression> expressions, Frame frame) {
        List<Value> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, frame));
        }
        return values;
    }

    private Value part(@Nullable Expression expression, Frame frame) {
        return expression == null ? NoneValue.NONE : evaluate(expression, frame);
    }

    private Value item(Expression.Item item, Frame frame) {
        Value owner = evaluate(item.owner(), frame);
        return Attributes.item(evaluation, owner, evaluate(item.index(), frame));
    }

    /// Evaluates a call; `caller` is the body of a call block around it.
    Value call(Expression.Call call, Frame frame, @Nullable Value caller) {
        Value callee = evaluate(call.callee(), frame);
        Arguments arguments = arguments(call.arguments(), frame);
        evaluation.at(call.line());
        return evaluation.call(callee, caller == null ? arguments : arguments.with("caller", caller));
    }

    Value applyFilters(List<FilterCall> filters, Value input, Frame frame) {
        Value value = input;
        for (FilterCall filter : filters) {
            value = applyFilter(filter, value, frame);
        }
        return value;
    }

    private Value applyFilter(FilterCall filter, Value input, Frame frame) {
        Arguments arguments = arguments(filter.arguments(), frame);
        evaluation.at(filter.line());
        return evaluation.filter(filter.name(), input, arguments);
    }

    private Value test(Expression.Test test, Frame frame) {
        Value input = evaluate(test.input(), frame);
        Arguments arguments = arguments(test.arguments(), frame);
        evaluation.at(test.line());
        return BooleanValue.of(evaluation.test(test.name(), input, arguments));
    }

    private Arguments arguments(CallArguments written, Frame frame) {
        if (written.isEmpty()) {
            return Arguments.NONE;
        }
        List<Value> positional = evaluateAll(written.positional(), frame);
        Map<String, Value> named = new LinkedHashMap<>();
        for (CallArguments.Named argument : written.named()) {
            addNamed(named, argument.name(), evaluate(argument.value(), frame));
        }
        if (written.morePositional() != null) {
            positional.addAll(evaluation.list(evaluate(written.morePositional(), frame)));
        }
        if (written.moreNamed() != null) {
            addAllNamed(named, evaluate(written.moreNamed(), frame));
        }
        return new Arguments(positional, named);
    }

    private void addAllNamed(Map<String, Value> named, Value more) {
        if (!(more instanceof DictValue dict)) {
            throw new TemplateException("argument after ** must be a mapping, not " + more.typeName());
        }
        meter.steps(dict.size());
        for (DictValue.Entry entry : dict.entries()) {
            if (!(entry.key() instanceof StringValue key)) {
                throw new TemplateException("keywords must be strings");
            }
            addNamed(named, key.text(), entry.value());
        }
    }

    private static void addNamed(Map<String, Value> named, String name, Value value) {
        if (named.put(name, value) != null) {
            throw new TemplateException("keyword argument repeated: " + name);
        }
    }

    private Value conditional(Expression.Conditional conditional, Frame frame) {
        if (Truth.of(evaluate(conditional.test(), frame))) {
            return evaluate(conditional.then(), frame);
        }
        if (conditional.otherwise() == null) {
            return new UndefinedValue("the inline if-expression evaluated to false and no else section was defined.");
        }
        return evaluate(conditional.otherwise(), frame);
    }

    private Value compare(Expression.Comparisons comparisons, Frame frame) {
        Value left = evaluate(comparisons.first(), frame);
        for (Expression.Operand operand : comparisons.operands()) {
            Value right = evaluate(operand.right(), frame);
            if (!operand.operator().holds(meter, left, right)) {
                return BooleanValue.FALSE;
            }
            left = right;
        }
        return BooleanValue.TRUE;
    }

    private Value binary(Expression.Binary binary, Frame frame) {
        Value left = evaluate(binary.left(), frame);
        Value right = evaluate(binary.right(), frame);
        return switch (binary.operator()) {
            case ADD -> Arithmetic.add(meter, left, right);
            case SUBTRACT -> Arithmetic.subtract(left, right);
            case MULTIPLY -> Arithmetic.multiply(meter, left, right);
            case DIVIDE -> Arithmetic.divide(left, right);
            case FLOOR_DIVIDE -> Arithmetic.floorDivide(left, right);
            case MODULO -> Arithmetic.modulo(meter, left, right);
            default -> Arithmetic.power(left, right);
        };
    }

    private Value concatenate(Expression.Concatenation concatenation, Frame frame) {
        TextBuilder text = new TextBuilder(meter);
        for (Value part : evaluateAll(concatenation.parts(), frame)) {
            text.append(evaluation.text(part));
        }
        return text.build();
    }

    private Value dict(Expression.DictDisplay display, Frame frame) {
        DictValue dict = new DictValue();
        for (Expression.Pair pair : display.pairs()) {
            dict.put(meter, evaluate(pair.key(), frame), evaluate(pair.value(), frame));
        }
        return dict;
    }
}
