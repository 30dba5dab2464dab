package dev.millrace.tokenizer.template;

/// What `joiner(separator)` makes: empty at the first call, the separator at every later one.
final class JoinerValue implements CallableValue {
    private final Value separator;
    private boolean used;

    JoinerValue(Value separator) {
        this.separator = separator;
    }

    @Override
    public Value call(Evaluation evaluation, Arguments arguments) {
        arguments.bind("joiner");
        if (used) {
            return separator;
        }
        used = true;
        return StringValue.EMPTY;
    }

    @Override
    public String typeName() {
        return "Joiner";
    }
}
