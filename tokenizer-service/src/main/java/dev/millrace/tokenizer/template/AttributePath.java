package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What filters mean by an attribute: a name, a number, or a path of them with dots, such as `address.lines.0`.
final class AttributePath {
    private final Evaluation evaluation;
    private final List<Value> parts;
    private final @Nullable Value fallback;
    private final boolean ignoreCase;

    private AttributePath(Evaluation evaluation, List<Value> parts, @Nullable Value fallback, boolean ignoreCase) {
        this.evaluation = evaluation;
        this.parts = parts;
        this.fallback = fallback;
        this.ignoreCase = ignoreCase;
    }

    /// The path that a filter's argument means; null and None mean the value itself.
    static AttributePath of(Evaluation evaluation, @Nullable Value path) {
        return new AttributePath(evaluation, parts(path), null, false);
    }

    /// One path for each comma-separated part of the argument.
    static List<AttributePath> several(Evaluation evaluation, @Nullable Value path, boolean ignoreCase) {
        List<AttributePath> paths = new ArrayList<>();
        if (path instanceof StringValue text) {
            for (String part : text.text().split(",", -1)) {
                paths.add(of(evaluation, StringValue.trusted(part)).ignoringCase(ignoreCase));
            }
        } else {
            paths.add(of(evaluation, path).ignoringCase(ignoreCase));
        }
        return paths;
    }

    /// The same with a value for what is undefined on the way.
    AttributePath orElse(@Nullable Value fallback) {
        return new AttributePath(evaluation, parts, fallback, ignoreCase);
    }

    /// The same with text in lower case.
    AttributePath ignoringCase(boolean ignoreCase) {
        return new AttributePath(evaluation, parts, fallback, ignoreCase);
    }

    private static List<Value> parts(@Nullable Value path) {
        if (path == null || path == NoneValue.NONE) {
            return List.of();
        }
        if (!(path instanceof StringValue text)) {
            return List.of(path);
        }
        List<Value> parts = new ArrayList<>();
        for (String part : text.text().split("\\.", -1)) {
            boolean number = !part.isEmpty()
                    && part.length() < 10
                    && part.chars().allMatch(character -> character >= '0' && character <= '9');
            parts.add(number ? IntegerValue.of(Integer.parseInt(part)) : StringValue.trusted(part));
        }
        return parts;
    }

    Value of(Value value) {
        Value found = value;
        for (Value part : parts) {
            found = Attributes.item(evaluation, found, part);
            if (fallback != null && found instanceof UndefinedValue) {
                found = fallback;
            }
        }
        return ignoreCase && found instanceof StringValue text ? text.map(PythonText::lower) : found;
    }
}
