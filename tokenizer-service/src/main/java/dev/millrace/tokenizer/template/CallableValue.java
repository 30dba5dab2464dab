package dev.millrace.tokenizer.template;

/// A value that can be called.
sealed interface CallableValue extends Value permits FunctionValue, JoinerValue, LoopValue, MacroValue {
    Value call(Evaluation evaluation, Arguments arguments);
}
