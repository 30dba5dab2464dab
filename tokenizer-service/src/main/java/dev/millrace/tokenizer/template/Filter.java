package dev.millrace.tokenizer.template;

/// What `input|name(arguments)` does.
interface Filter {
    Value apply(Evaluation evaluation, Value input, Arguments arguments);
}
