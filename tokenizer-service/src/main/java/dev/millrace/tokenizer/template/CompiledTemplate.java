package dev.millrace.tokenizer.template;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One template, read once, rendered by any number of threads.
final class CompiledTemplate {
    private final Statement.Block statements;
    private final TemplateLimits limits;

    private CompiledTemplate(Statement.Block statements, TemplateLimits limits) {
        this.statements = statements;
        this.limits = limits;
    }

    static CompiledTemplate of(String source, TemplateLimits limits) {
        return new CompiledTemplate(StatementParser.parse(source, limits), limits);
    }

    /// Renders with `variables` beside the functions that every template has.
    List<Segment> render(Map<String, Value> variables, Clock clock) {
        Map<String, Value> input = new HashMap<>(Globals.FUNCTIONS);
        input.putAll(variables);
        return new Evaluation(limits, clock).run(statements, input);
    }
}
