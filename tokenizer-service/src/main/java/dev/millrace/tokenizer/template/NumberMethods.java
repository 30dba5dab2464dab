package dev.millrace.tokenizer.template;

import org.jspecify.annotations.Nullable;

/// The few attributes of numbers that templates have a use for.
final class NumberMethods {
    private NumberMethods() {}

    static @Nullable Value bind(Value number, String name) {
        return switch (name) {
            case "real" -> Arithmetic.positive(number);
            case "imag" -> number instanceof FloatValue ? new FloatValue(0, true) : IntegerValue.of(0);
            case "is_integer" ->
                number instanceof FloatValue floating
                        ? new FunctionValue(name, (evaluation, arguments) -> {
                            arguments.bindPositional(name, 0);
                            return BooleanValue.of(Math.rint(floating.value()) == floating.value()
                                    && !Double.isInfinite(floating.value()));
                        })
                        : null;
            default -> null;
        };
    }
}
