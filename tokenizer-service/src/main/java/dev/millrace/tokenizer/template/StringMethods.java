package dev.millrace.tokenizer.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The methods of strings, by name.
final class StringMethods {
    private static final Map<String, StringMethod> METHODS = new HashMap<>();

    static {
        CaseMethods.register(METHODS);
        CharacterMethods.register(METHODS);
        SearchMethods.register(METHODS);
        SplitMethods.register(METHODS);
        PadMethods.register(METHODS);
        METHODS.put("format", BraceFormat::format);
        METHODS.put("format_map", BraceFormat::formatMap);
    }

    private StringMethods() {}

    /// The method bound to `text`, or null where strings have no such method.
    static @Nullable Value bind(StringValue text, String name) {
        StringMethod method = METHODS.get(name);
        if (method == null) {
            return null;
        }
        return new FunctionValue(name, (evaluation, arguments) -> {
            evaluation.countInput(text, arguments);
            Value result = method.call(evaluation, text, arguments);
            evaluation.countResult(result);
            return result;
        });
    }
}
