package dev.millrace.tokenizer.template;

import java.util.Iterator;
import java.util.List;

/// Runs statements, writing what they print.
final class StatementExecutor {
    /// How a body ended.
    enum Flow {
        NORMAL,
        BREAK,
        CONTINUE
    }

    private final Evaluation evaluation;
    private final ExpressionEvaluator expressions;
    private final Meter meter;

    StatementExecutor(Evaluation evaluation, ExpressionEvaluator expressions, Meter meter) {
        this.evaluation = evaluation;
        this.expressions = expressions;
        this.meter = meter;
    }

    Flow run(List<Statement> statements, Frame frame, TextBuilder output) {
        meter.enter();
        for (Statement statement : statements) {
            meter.step();
            evaluation.at(statement.line());
            Flow flow = run(statement, frame, output);
            if (flow != Flow.NORMAL) {
                meter.leave();
                return flow;
            }
        }
        meter.leave();
        return Flow.NORMAL;
    }

    private Flow run(Statement statement, Frame frame, TextBuilder output) {
        switch (statement) {
            case Statement.Text text -> output.append(text.text());
            case Statement.Print print -> output.append(evaluation.text(expressions.evaluate(print.value(), frame)));
            case Statement.If branches -> {
                return runIf(branches, frame, output);
            }
            case Statement.For loop -> {
                return new LoopRunner(evaluation, loop, frame).run(output);
            }
            case Statement.Assign assign -> assign(assign, frame);
            case Statement.AssignBlock assign -> {
                return assignBlock(assign, frame);
            }
            case Statement.Macro macro -> frame.set(macro.procedure().name(), new MacroValue(macro.procedure(), frame));
            case Statement.CallBlock block -> {
                Value caller = new MacroValue(block.caller(), frame);
                output.append(evaluation.text(expressions.call(block.call(), frame, caller)));
            }
            case Statement.Generation block -> {
                Value printed = new MacroValue(block.body(), frame).call(evaluation, Arguments.NONE);
                output.append(evaluation.text(printed));
            }
            case Statement.FilterBlock block -> {
                return runFilterBlock(block, frame, output);
            }
            case Statement.With with -> {
                return runWith(with, frame, output);
            }
            case Statement.Scoped scoped -> {
                return runBlock(scoped.body(), frame, output);
            }
            case Statement.NamedBlock block -> {
                return run(
                        block.body().statements(), frame.openBlock(block.body().scope()), output);
            }
            case Statement.Break ignored -> {
                return Flow.BREAK;
            }
            case Statement.Continue ignored -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NORMAL;
    }

    /// Runs a body in a new frame for its scope.
    Flow runBlock(Statement.Block block, Frame outer, TextBuilder output) {
        return run(block.statements(), outer.open(block.scope()), output);
    }

    private Flow runIf(Statement.If statement, Frame frame, TextBuilder output) {
        for (Statement.Branch branch : statement.branches()) {
            if (Truth.of(expressions.evaluate(branch.test(), frame))) {
                return run(branch.body(), frame, output);
            }
        }
        return run(statement.otherwise(), frame, output);
    }

    private void assign(Statement.Assign assign, Frame frame) {
        requireNamespaces(assign.target(), frame);
        assign(assign.target(), expressions.evaluate(assign.value(), frame), frame);
    }

    private Flow assignBlock(Statement.AssignBlock assign, Frame frame) {
        TextBuilder captured = new TextBuilder(meter);
        Frame inner = frame.open(assign.body().scope());
        Flow flow = run(assign.body().statements(), inner, captured);
        if (flow == Flow.NORMAL) {
            assign(assign.target(), expressions.applyFilters(assign.filters(), captured.build(), inner), frame);
        }
        return flow;
    }

    private Flow runFilterBlock(Statement.FilterBlock block, Frame frame, TextBuilder output) {
        TextBuilder captured = new TextBuilder(meter);
        Frame inner = frame.open(block.body().scope());
        Flow flow = run(block.body().statements(), inner, captured);
        if (flow == Flow.NORMAL) {
            output.append(evaluation.text(expressions.applyFilters(block.filters(), captured.build(), inner)));
        }
        return flow;
    }

    private Flow runWith(Statement.With with, Frame frame, TextBuilder output) {
        Frame inner = frame.open(with.body().scope());
        for (Statement.Binding binding : with.bindings()) {
            assign(binding.target(), expressions.evaluate(binding.value(), frame), inner);
        }
        return run(with.body().statements(), inner, output);
    }

    /// Assigns, taking apart what an unpacking target wants.
    void assign(Target target, Value value, Frame frame) {
        switch (target) {
            case Target.Variable variable -> frame.set(variable.name(), value);
            case Target.NamespaceAttribute attribute -> {
                meter.step();
                namespace(attribute, frame).set(attribute.attribute(), value);
            }
            case Target.Unpacking unpacking -> unpack(unpacking.targets(), value, frame);
        }
    }

    private void unpack(List<Target> targets, Value value, Frame frame) {
        Iterator<Value> values = Iteration.over(meter, value, "cannot unpack non-iterable ", " object");
        Value[] parts = new Value[targets.size()];
        for (int i = 0; i < parts.length; i++) {
            if (!values.hasNext()) {
                throw new TemplateException(
                        "not enough values to unpack (expected " + targets.size() + ", got " + i + ")");
            }
            parts[i] = values.next();
        }
        if (values.hasNext()) {
            throw new TemplateException("too many values to unpack (expected " + targets.size() + ")");
        }
        for (int i = 0; i < parts.length; i++) {
            assign(targets.get(i), parts[i], frame);
        }
    }

    private void requireNamespaces(Target target, Frame frame) {
        switch (target) {
            case Target.Variable ignored -> {}
            case Target.NamespaceAttribute attribute -> namespace(attribute, frame);
            case Target.Unpacking unpacking -> unpacking.targets().forEach(inner -> requireNamespaces(inner, frame));
        }
    }

    private static NamespaceValue namespace(Target.NamespaceAttribute target, Frame frame) {
        if (frame.get(target.namespace()) instanceof NamespaceValue namespace) {
            return namespace;
        }
        throw new TemplateException("cannot assign attribute on non-namespace object");
    }
}
