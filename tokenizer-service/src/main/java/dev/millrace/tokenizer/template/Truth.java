package dev.millrace.tokenizer.template;

import java.math.BigInteger;

/// Python's `bool(value)`.
final class Truth {
    private Truth() {}

    static boolean of(Value value) {
        return switch (value) {
            case BooleanValue bool -> bool.value();
            case NoneValue ignored -> false;
            case UndefinedValue ignored -> false;
            case IntegerValue integer -> !integer.value().equals(BigInteger.ZERO);
            case FloatValue number -> number.value() != 0;
            case StringValue string -> !string.isEmpty();
            case SequenceValue sequence -> sequence.size() > 0;
            case DictValue dict -> dict.size() > 0;
            case DictView view -> view.dict().size() > 0;
            default -> true;
        };
    }
}
