package dev.millrace.tokenizer.template;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `'{} and {name!r:>5}'.format(...)`, where attributes and items obey the sandbox.
final class BraceFormat {
    private final Evaluation evaluation;
    private final Arguments arguments;
    private final @Nullable DictValue mapping;
    private int automatic;
    private boolean numbered;

    private BraceFormat(Evaluation evaluation, Arguments arguments, @Nullable DictValue mapping) {
        this.evaluation = evaluation;
        this.arguments = arguments;
        this.mapping = mapping;
    }

    static Value format(Evaluation evaluation, StringValue text, Arguments arguments) {
        return Markup.like(text, new BraceFormat(evaluation, arguments, null).expand(text, 2));
    }

    static Value formatMap(Evaluation evaluation, StringValue text, Arguments arguments) {
        if (arguments.bindPositional("format_map", 1).get(0) instanceof DictValue dict) {
            return Markup.like(text, new BraceFormat(evaluation, Arguments.NONE, dict).expand(text, 2));
        }
        throw new TemplateException("format_map() needs a mapping");
    }

    private StringValue expand(StringValue format, int depth) {
        if (depth < 0) {
            throw new TemplateException("Max string recursion exceeded");
        }
        String text = format.text();
        TextBuilder output = new TextBuilder(evaluation.meter());
        int position = 0;
        while (position < text.length()) {
            int brace = nextBrace(text, position);
            output.append(format, position, brace);
            if (brace == text.length()) {
                break;
            }
            char character = text.charAt(brace);
            if (brace + 1 < text.length() && text.charAt(brace + 1) == character) {
                output.append(format, brace, brace + 1);
                position = brace + 2;
            } else if (character == '}') {
                throw new TemplateException("Single '}' encountered in format string");
            } else {
                int end = endOfField(text, brace + 1);
                appendField(output, format.slice(brace + 1, end), depth);
                position = end + 1;
            }
        }
        return output.build();
    }

    private static int nextBrace(String text, int from) {
        int position = from;
        while (position < text.length() && text.charAt(position) != '{' && text.charAt(position) != '}') {
            position++;
        }
        return position;
    }

    private static int endOfField(String text, int start) {
        int open = 1;
        for (int i = start; i < text.length(); i++) {
            open += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (open == 0) {
                return i;
            }
        }
        throw new TemplateException("expected '}' before end of string");
    }

    private void appendField(TextBuilder output, StringValue field, int depth) {
        String text = field.text();
        int end = 0;
        boolean inBrackets = false;
        while (end < text.length() && (inBrackets || (text.charAt(end) != '!' && text.charAt(end) != ':'))) {
            inBrackets = text.charAt(end) == '[' || (inBrackets && text.charAt(end) != ']');
            end++;
        }
        Value value = lookUp(text.substring(0, end));
        if (end < text.length() && text.charAt(end) == '!') {
            char conversion = end + 1 < text.length() ? text.charAt(end + 1) : 0;
            value = convert(value, conversion);
            end += 2;
            if (end < text.length() && text.charAt(end) != ':') {
                throw new TemplateException("expected ':' after conversion specifier");
            }
        }
        StringValue spec = end < text.length() ? field.slice(end + 1, text.length()) : StringValue.EMPTY;
        TextBuilder formatted = new TextBuilder(evaluation.meter());
        ValueFormat.append(evaluation, formatted, value, expand(spec, depth - 1));
        output.append(Markup.argument(evaluation.meter(), field, formatted.build()));
    }

    private Value convert(Value value, char conversion) {
        return switch (conversion) {
            case 's' -> evaluation.text(value);
            case 'r', 'a' -> Display.represent(evaluation.meter(), value);
            default -> throw new TemplateException("Unknown conversion specifier '" + conversion + "'");
        };
    }

    private Value lookUp(String field) {
        int end = 0;
        while (end < field.length() && field.charAt(end) != '.' && field.charAt(end) != '[') {
            end++;
        }
        Value value = first(field.substring(0, end));
        while (end < field.length()) {
            int start = end + 1;
            if (field.charAt(end) == '.') {
                end = start;
                while (end < field.length() && field.charAt(end) != '.' && field.charAt(end) != '[') {
                    end++;
                }
                value = Attributes.attribute(value, field.substring(start, end));
            } else {
                int close = field.charAt(end) == '[' ? field.indexOf(']', start) : -1;
                if (close < 0) {
                    throw new TemplateException("Missing ']' in format string");
                }
                value = Attributes.item(evaluation, value, key(field.substring(start, close)));
                end = close + 1;
            }
        }
        return value;
    }

    private static Value key(String key) {
        return isNumber(key) ? IntegerValue.of(Integer.parseInt(key)) : StringValue.trusted(key);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty()
                && text.length() < 10
                && text.chars().allMatch(character -> character >= '0' && character <= '9');
    }

    private Value first(String name) {
        if (!name.isEmpty() && !isNumber(name)) {
            return named(name);
        }
        if (name.isEmpty() ? numbered : automatic > 0) {
            throw new TemplateException("cannot switch between manual and automatic field numbering");
        }
        numbered |= !name.isEmpty();
        int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
        if (index >= arguments.positional().size()) {
            throw new TemplateException("Replacement index " + index + " out of range for positional args tuple");
        }
        return arguments.positional().get(index);
    }

    private Value named(String name) {
        Map<String, Value> named = arguments.named();
        Value value = mapping == null ? named.get(name) : mapping.get(name);
        if (value == null) {
            throw new TemplateException("no argument '" + name + "' for the format string");
        }
        return value;
    }
}
