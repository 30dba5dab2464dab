package dev.millrace.tokenizer.template;

/// What `text.name(arguments)` does.
interface StringMethod {
    Value call(Evaluation evaluation, StringValue text, Arguments arguments);
}
