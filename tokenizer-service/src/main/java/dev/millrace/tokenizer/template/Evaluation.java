package dev.millrace.tokenizer.template;

import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// One rendering of a template: its limits, its input, its place, and the operations that need them.
final class Evaluation {
    private final Meter meter;
    private final Clock clock;
    private final ExpressionEvaluator expressions;
    private final StatementExecutor statements;
    private int line;

    Evaluation(TemplateLimits limits, Clock clock) {
        this.meter = new Meter(limits);
        this.clock = clock;
        this.expressions = new ExpressionEvaluator(this, meter);
        this.statements = new StatementExecutor(this, expressions, meter);
    }

    /// Runs a whole template; `input` holds the values that its names can mean.
    List<Segment> run(Statement.Block template, Map<String, Value> input) {
        TextBuilder output = new TextBuilder(meter);
        Frame root = Frame.root(template.scope(), input);
        try {
            statements.run(template.statements(), root, output);
        } catch (TemplateException failure) {
            throw failure.at(line);
        } catch (ArithmeticException overflow) {
            throw new TemplateException("a number is out of range", line);
        }
        return output.segments();
    }

    Meter meter() {
        return meter;
    }

    Clock clock() {
        return clock;
    }

    StatementExecutor statements() {
        return statements;
    }

    ExpressionEvaluator expressions() {
        return expressions;
    }

    int line() {
        return line;
    }

    /// Notes the line that is evaluated now, for messages.
    void at(int line) {
        this.line = line;
    }

    /// `str(value)`.
    StringValue text(Value value) {
        return Display.text(meter, value);
    }

    Iterator<Value> iterate(Value value) {
        return Iteration.over(meter, value);
    }

    List<Value> list(Value value) {
        return Iteration.list(meter, value);
    }

    boolean equal(Value left, Value right) {
        return Comparison.equal(meter, left, right);
    }

    Value filter(String name, Value input, Arguments arguments) {
        Filter filter = Filters.find(name);
        if (filter == null) {
            throw new TemplateException("No filter named '" + name + "'.");
        }
        countInput(input, arguments);
        Value result = filter.apply(this, input, arguments);
        countResult(result);
        return result;
    }

    boolean test(String name, Value input, Arguments arguments) {
        ValueTest test = ValueTests.find(name);
        if (test == null) {
            throw new TemplateException("No test named '" + name + "'.");
        }
        countInput(input, arguments);
        return test.holds(this, input, arguments);
    }

    Value call(Value callee, Arguments arguments) {
        meter.step();
        return switch (callee) {
            case CallableValue callable -> callable.call(this, arguments);
            case UndefinedValue undefined -> throw undefined.failure();
            default -> throw new TemplateException("'" + callee.typeName() + "' object is not callable");
        };
    }

    /// Text that goes into a filter, test or method is read once, whatever that does.
    void countInput(Value input, Arguments arguments) {
        countInput(input);
        arguments.positional().forEach(this::countInput);
        arguments.named().values().forEach(this::countInput);
    }

    private void countInput(Value value) {
        if (value instanceof StringValue string) {
            meter.scanned(string.text().length());
        }
    }

    /// Text that comes out may be a copy.
    void countResult(Value value) {
        if (value instanceof StringValue string) {
            meter.built(string.text().length());
        }
    }
}
