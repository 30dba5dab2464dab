package dev.millrace.tokenizer.template;

/// A value of the template language. Nothing but these reaches a template: no Java object, no reflection.
sealed interface Value
        permits BooleanValue,
                CallableValue,
                CyclerValue,
                DictValue,
                DictView,
                FloatValue,
                IntegerValue,
                IteratorValue,
                NamespaceValue,
                NoneValue,
                SequenceValue,
                SliceValue,
                StringValue,
                UndefinedValue {

    /// The type's name in Python, for messages.
    String typeName();
}
