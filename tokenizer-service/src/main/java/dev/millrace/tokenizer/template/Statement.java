package dev.millrace.tokenizer.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The syntax tree of statements. A statement that opens a scope holds it beside its body.
sealed interface Statement {
    int line();

    /// Text between tags.
    record Text(StringValue text, int line) implements Statement {}

    /// `{{ value }}`
    record Print(Expression value, int line) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    record For(
            Target target,
            Expression iterable,
            @Nullable LoopFilter filter,
            boolean recursive,
            Block body,
            @Nullable Block otherwise,
            int line)
            implements Statement {}

    /// The `if` of a `for`, with the scope that holds its loop variables.
    record LoopFilter(Expression test, Scope scope) {}

    record Block(List<Statement> statements, Scope scope) {}

    record Assign(Target target, Expression value, int line) implements Statement {}

    /// `{% set target | filters %}body{% endset %}`
    record AssignBlock(Target target, List<FilterCall> filters, Block body, int line) implements Statement {}

    record Macro(Procedure procedure, int line) implements Statement {}

    /// `{% generation %}`: for rendering, a call block whose body is printed as it is.
    record Generation(Procedure body, int line) implements Statement {}

    /// `{% call(parameters) macro(...) %}body{% endcall %}`
    record CallBlock(Procedure caller, Expression.Call call, int line) implements Statement {}

    record FilterBlock(List<FilterCall> filters, Block body, int line) implements Statement {}

    record With(List<Binding> bindings, Block body, int line) implements Statement {}

    record Binding(Target target, Expression value) {}

    /// A body with a scope of its own that sees the scopes around it.
    record Scoped(Block body, int line) implements Statement {}

    /// `{% block %}`: a body that sees only the template's own variables.
    record NamedBlock(Block body, int line) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}
}
