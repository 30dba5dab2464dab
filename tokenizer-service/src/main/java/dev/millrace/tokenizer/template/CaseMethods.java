package dev.millrace.tokenizer.template;

import java.util.Map;
import java.util.function.UnaryOperator;

/// Methods that change or ask for upper and lower case.
final class CaseMethods {
    private CaseMethods() {}

    static void register(Map<String, StringMethod> methods) {
        mapping(methods, "upper", PythonText::upper);
        mapping(methods, "lower", PythonText::lower);
        mapping(methods, "casefold", PythonText::caseFold);
        mapping(methods, "title", PythonText::title);
        mapping(methods, "capitalize", PythonText::capitalize);
        mapping(methods, "swapcase", PythonText::swapCase);
        methods.put("isupper", (evaluation, text, arguments) -> {
            arguments.bindPositional("isupper", 0);
            return BooleanValue.of(isUpper(text.text()));
        });
        methods.put("islower", (evaluation, text, arguments) -> {
            arguments.bindPositional("islower", 0);
            return BooleanValue.of(isLower(text.text()));
        });
        methods.put("istitle", (evaluation, text, arguments) -> {
            arguments.bindPositional("istitle", 0);
            return BooleanValue.of(isTitle(text.text()));
        });
    }

    private static void mapping(Map<String, StringMethod> methods, String name, UnaryOperator<String> mapping) {
        methods.put(name, (evaluation, text, arguments) -> {
            arguments.bindPositional(name, 0);
            return map(evaluation, text, mapping);
        });
    }

    static StringValue map(Evaluation evaluation, StringValue text, UnaryOperator<String> mapping) {
        StringValue mapped = text.map(mapping);
        evaluation.meter().built(mapped.text().length());
        return mapped;
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints()
                        .noneMatch(character -> Character.isLowerCase(character) || Character.isTitleCase(character));
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints()
                        .noneMatch(character -> Character.isUpperCase(character) || Character.isTitleCase(character));
    }

    private static boolean isTitle(String text) {
        boolean inWord = false;
        boolean found = false;
        for (int character : text.codePoints().toArray()) {
            boolean capital = Character.isUpperCase(character) || Character.isTitleCase(character);
            boolean small = Character.isLowerCase(character);
            if ((capital && inWord) || (small && !inWord)) {
                return false;
            }
            inWord = capital || small;
            found |= inWord;
        }
        return found;
    }
}
