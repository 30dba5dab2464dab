package dev.millrace.tokenizer.template;

/// A function of the language itself or a method bound to its object.
final class FunctionValue implements CallableValue {
    /// What the function does.
    interface Body {
        Value call(Evaluation evaluation, Arguments arguments);
    }

    private final String name;
    private final Body body;

    FunctionValue(String name, Body body) {
        this.name = name;
        this.body = body;
    }

    String name() {
        return name;
    }

    @Override
    public Value call(Evaluation evaluation, Arguments arguments) {
        return body.call(evaluation, arguments);
    }

    @Override
    public String typeName() {
        return "function";
    }
}
