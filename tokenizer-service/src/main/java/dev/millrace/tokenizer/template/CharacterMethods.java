package dev.millrace.tokenizer.template;

import java.util.Map;
import java.util.function.IntPredicate;

/// Methods that ask what kind of characters a string holds.
final class CharacterMethods {
    private CharacterMethods() {}

    static void register(Map<String, StringMethod> methods) {
        all(methods, "isalpha", Character::isLetter);
        all(methods, "isdecimal", CharacterMethods::isDecimal);
        all(methods, "isdigit", CharacterMethods::isDigit);
        all(methods, "isnumeric", CharacterMethods::isNumeric);
        all(methods, "isalnum", character -> Character.isLetter(character) || isNumeric(character));
        all(methods, "isspace", PythonText::isSpace);
        allOrEmpty(methods, "isascii", character -> character < 128);
        allOrEmpty(methods, "isprintable", PythonText::isPrintable);
        methods.put("isidentifier", (evaluation, text, arguments) -> {
            arguments.bindPositional("isidentifier", 0);
            return BooleanValue.of(isIdentifier(text.text()));
        });
    }

    private static void all(Map<String, StringMethod> methods, String name, IntPredicate predicate) {
        methods.put(name, (evaluation, text, arguments) -> {
            arguments.bindPositional(name, 0);
            return BooleanValue.of(!text.isEmpty() && text.text().codePoints().allMatch(predicate));
        });
    }

    private static void allOrEmpty(Map<String, StringMethod> methods, String name, IntPredicate predicate) {
        methods.put(name, (evaluation, text, arguments) -> {
            arguments.bindPositional(name, 0);
            return BooleanValue.of(text.text().codePoints().allMatch(predicate));
        });
    }

    private static boolean isDecimal(int character) {
        return Character.getType(character) == Character.DECIMAL_DIGIT_NUMBER;
    }

    /// Decimal digits, and superscripts, subscripts and circled digits; not fractions and not larger numbers.
    @SuppressWarnings("CharacterGetNumericValue") // letters were sorted out before
    static boolean isDigit(int character) {
        if (Character.getType(character) != Character.OTHER_NUMBER) {
            return isDecimal(character);
        }
        int value = Character.getNumericValue(character);
        return value >= 0 && value <= 9;
    }

    private static boolean isNumeric(int character) {
        return switch (Character.getType(character)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> false;
        };
    }

    private static boolean isIdentifier(String text) {
        if (text.isEmpty()) {
            return false;
        }
        int first = text.codePointAt(0);
        return (first == '_' || Character.isUnicodeIdentifierStart(first))
                && text.codePoints()
                        .allMatch(character -> character == '_'
                                || (Character.isUnicodeIdentifierPart(character)
                                        && !Character.isIdentifierIgnorable(character)));
    }
}
