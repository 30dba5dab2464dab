package dev.millrace.tokenizer.template;

/// A filter's name and arguments, without its input.
record FilterCall(String name, CallArguments arguments, int line) {}
