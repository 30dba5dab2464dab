package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `value|tojson`: Python's `json.dumps` with `ensure_ascii=False`, as transformers defines the filter. The text of a
/// value with any untrusted part is untrusted as a whole.
final class JsonText {
    private final Meter meter;
    private final boolean ascii;
    private final @Nullable String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;
    private final StringBuilder text = new StringBuilder();
    private boolean trusted = true;

    private JsonText(Meter meter, boolean ascii, @Nullable String indent, String item, String key, boolean sorted) {
        this.meter = meter;
        this.ascii = ascii;
        this.indent = indent;
        this.itemSeparator = item;
        this.keySeparator = key;
        this.sorted = sorted;
    }

    static Value filter(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        String indent = null;
        if (bound.notNone(1) instanceof StringValue given) {
            indent = given.text();
        } else if (bound.notNone(1) != null) {
            int width = Math.max(0, bound.integer(1));
            evaluation.meter().room(width);
            indent = " ".repeat(width);
        }
        String itemSeparator = indent == null ? ", " : ",";
        String keySeparator = ": ";
        Value separators = bound.notNone(2);
        if (separators != null) {
            List<Value> pair = evaluation.list(separators);
            if (pair.size() != 2
                    || !(pair.get(0) instanceof StringValue item)
                    || !(pair.get(1) instanceof StringValue key)) {
                throw new TemplateException("separators must be two strings");
            }
            itemSeparator = item.text();
            keySeparator = key.text();
        }
        JsonText json =
                new JsonText(evaluation.meter(), bound.truth(0), indent, itemSeparator, keySeparator, bound.truth(3));
        json.write(input, 0);
        evaluation.meter().built(json.text.length());
        return StringValue.of(json.text.toString(), json.trusted);
    }

    private void write(Value value, int depth) {
        meter.step();
        meter.enter();
        switch (value) {
            case StringValue string -> writeString(string);
            case NoneValue ignored -> text.append("null");
            case BooleanValue bool -> text.append(bool.value());
            case IntegerValue integer -> {
                trusted &= integer.trusted();
                text.append(integer.value());
            }
            case FloatValue number -> {
                trusted &= number.trusted();
                text.append(number(number.value()));
            }
            case ListValue list -> writeElements(list.elements(), depth);
            case TupleValue tuple -> writeElements(tuple.elements(), depth);
            case DictValue dict -> writeEntries(dict, depth);
            default -> throw new TemplateException("Object of type " + value.typeName() + " is not JSON serializable");
        }
        meter.room(text.length());
        meter.leave();
    }

    private static String number(double number) {
        if (Double.isNaN(number)) {
            return "NaN";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "Infinity" : "-Infinity";
        }
        return PythonFloat.represent(number);
    }

    private void writeElements(List<Value> elements, int depth) {
        text.append('[');
        String separator = "";
        for (Value element : elements) {
            text.append(separator);
            newLine(depth + 1);
            write(element, depth + 1);
            separator = itemSeparator;
        }
        close(elements.isEmpty(), depth, ']');
    }

    private void writeEntries(DictValue dict, int depth) {
        List<DictValue.Entry> entries = new ArrayList<>(dict.entries());
        if (sorted) {
            entries.sort((left, right) -> Comparison.compare(meter, left.key(), right.key(), "<"));
        }
        text.append('{');
        String separator = "";
        for (DictValue.Entry entry : entries) {
            text.append(separator);
            newLine(depth + 1);
            writeString(key(entry.key()));
            text.append(keySeparator);
            write(entry.value(), depth + 1);
            separator = itemSeparator;
        }
        close(entries.isEmpty(), depth, '}');
    }

    private void close(boolean empty, int depth, char bracket) {
        if (!empty) {
            newLine(depth);
        }
        text.append(bracket);
    }

    private void newLine(int depth) {
        if (indent != null) {
            meter.room(text.length() + (long) indent.length() * depth);
            text.append('\n').repeat(indent, depth);
        }
    }

    private static StringValue key(Value key) {
        return switch (key) {
            case StringValue string -> string;
            case BooleanValue bool -> StringValue.trusted(bool.value() ? "true" : "false");
            case NoneValue ignored -> StringValue.trusted("null");
            case IntegerValue integer -> StringValue.of(integer.value().toString(), integer.trusted());
            case FloatValue number -> StringValue.of(number(number.value()), number.trusted());
            default -> throw new TemplateException("keys must be str, int, float, bool or None, not " + key.typeName());
        };
    }

    private void writeString(StringValue string) {
        trusted &= string.isWhollyTrusted();
        String content = string.text();
        meter.room((long) text.length() + content.length());
        text.append('"');
        for (int i = 0; i < content.length(); i++) {
            writeCharacter(content.charAt(i));
        }
        text.append('"');
    }

    private void writeCharacter(char character) {
        switch (character) {
            case '"' -> text.append("\\\"");
            case '\\' -> text.append("\\\\");
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            case '\f' -> text.append("\\f");
            case '\b' -> text.append("\\b");
            default -> {
                if (character < ' ' || (ascii && character > '~')) {
                    text.append("\\u").append("%04x".formatted((int) character));
                } else {
                    text.append(character);
                }
            }
        }
    }
}
