package dev.millrace.tokenizer.template;

/// What `input is name(arguments)` asks.
interface ValueTest {
    boolean holds(Evaluation evaluation, Value input, Arguments arguments);
}
