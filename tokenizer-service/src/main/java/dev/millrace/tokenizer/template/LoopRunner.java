package dev.millrace.tokenizer.template;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Runs one `for` statement where it stands; a recursive one also from inside itself.
final class LoopRunner {
    private final Evaluation evaluation;
    private final Statement.For statement;
    private final Frame frame;

    LoopRunner(Evaluation evaluation, Statement.For statement, Frame frame) {
        this.evaluation = evaluation;
        this.statement = statement;
        this.frame = frame;
    }

    StatementExecutor.Flow run(TextBuilder output) {
        Value iterable = evaluation.expressions().evaluate(statement.iterable(), frame);
        return run(iterable, 0, output);
    }

    /// What `loop(iterable)` prints inside a recursive loop.
    Value recurse(Value iterable, int depth) {
        if (!statement.recursive()) {
            throw new TemplateException("The loop must have the 'recursive' marker to be called recursively.");
        }
        TextBuilder output = new TextBuilder(evaluation.meter());
        run(iterable, depth, output);
        return output.build();
    }

    private StatementExecutor.Flow run(Value iterable, int depth, TextBuilder output) {
        StatementExecutor statements = evaluation.statements();
        LoopValue loop = open(iterable, depth);
        boolean completed = false;
        while (loop.hasNext()) {
            evaluation.meter().step();
            Value item = loop.advance();
            Frame inner = frame.open(statement.body().scope());
            inner.set("loop", loop);
            statements.assign(statement.target(), item, inner);
            StatementExecutor.Flow flow = statements.run(statement.body().statements(), inner, output);
            // As in jinja2, `else` also runs when no turn came to its end.
            completed |= flow == StatementExecutor.Flow.NORMAL;
            if (flow == StatementExecutor.Flow.BREAK) {
                break;
            }
        }
        if (!completed && statement.otherwise() != null) {
            return statements.runBlock(statement.otherwise(), frame, output);
        }
        return StatementExecutor.Flow.NORMAL;
    }

    private LoopValue open(Value iterable, int depth) {
        Iterator<Value> elements = evaluation.iterate(iterable);
        Statement.LoopFilter filter = statement.filter();
        if (filter == null) {
            return new LoopValue(this, elements, Iteration.size(iterable), depth);
        }
        return new LoopValue(this, new Filtered(elements, filter), null, depth);
    }

    /// The elements that pass the loop's own `if`, tested when they are reached.
    private final class Filtered implements Iterator<Value> {
        private final Iterator<Value> elements;
        private final Statement.LoopFilter filter;
        private @Nullable Value next;

        Filtered(Iterator<Value> elements, Statement.LoopFilter filter) {
            this.elements = elements;
            this.filter = filter;
        }

        @Override
        public boolean hasNext() {
            while (next == null && elements.hasNext()) {
                Value candidate = elements.next();
                Frame inner = frame.open(filter.scope());
                evaluation.statements().assign(statement.target(), candidate, inner);
                if (Truth.of(evaluation.expressions().evaluate(filter.test(), inner))) {
                    next = candidate;
                }
            }
            return next != null;
        }

        @Override
        public Value next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            Value value = next;
            next = null;
            return value;
        }
    }
}
