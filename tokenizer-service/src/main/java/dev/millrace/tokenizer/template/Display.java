package dev.millrace.tokenizer.template;

import java.util.Map;

/// Python's `str()` and `repr()` of values.
final class Display {
    private Display() {}

    /// `str(value)`: what `{{ value }}` prints.
    static StringValue text(Meter meter, Value value) {
        return switch (value) {
            case StringValue string -> string;
            case UndefinedValue ignored -> StringValue.EMPTY;
            default -> represent(meter, value);
        };
    }

    /// `repr(value)`. A text made of trusted and untrusted parts is untrusted as a whole.
    static StringValue represent(Meter meter, Value value) {
        Writer writer = new Writer(meter);
        writer.write(value);
        meter.built(writer.text.length());
        return StringValue.of(writer.text.toString(), writer.trusted);
    }

    private static final class Writer {
        private final Meter meter;
        private final StringBuilder text = new StringBuilder();
        private boolean trusted = true;

        Writer(Meter meter) {
            this.meter = meter;
        }

        void write(Value value) {
            meter.step();
            meter.room(text.length());
            meter.enter();
            switch (value) {
                case StringValue string -> writeString(string);
                case BooleanValue bool -> text.append(bool.value() ? "True" : "False");
                case NoneValue ignored -> text.append("None");
                case IntegerValue integer -> {
                    trusted &= integer.trusted();
                    text.append(integer.value());
                }
                case FloatValue number -> {
                    trusted &= number.trusted();
                    text.append(PythonFloat.represent(number.value()));
                }
                case ListValue list -> writeAll("[", list.elements(), "]");
                case TupleValue tuple -> writeAll("(", tuple.elements(), tuple.size() == 1 ? ",)" : ")");
                case DictValue dict -> writeDict(dict);
                case DictView view -> writeView(view);
                case RangeValue range -> writeRange(range);
                case SliceValue slice -> {
                    text.append("slice");
                    writeAll("(", java.util.List.of(slice.start(), slice.stop(), slice.step()), ")");
                }
                case NamespaceValue namespace -> writeNamespace(namespace);
                case UndefinedValue ignored -> text.append("Undefined");
                case LoopValue loop ->
                    text.append("<LoopContext ").append(loop.describe()).append('>');
                case MacroValue macro ->
                    text.append("<Macro ").append(macro.describe()).append('>');
                case FunctionValue function ->
                    text.append("<function ").append(function.name()).append('>');
                default -> text.append('<').append(value.typeName()).append(" object>");
            }
            meter.leave();
        }

        private void writeAll(String open, Iterable<Value> values, String close) {
            text.append(open);
            String separator = "";
            for (Value value : values) {
                text.append(separator);
                write(value);
                separator = ", ";
            }
            text.append(close);
        }

        private void writeDict(DictValue dict) {
            text.append('{');
            String separator = "";
            for (DictValue.Entry entry : dict.entries()) {
                text.append(separator);
                write(entry.key());
                text.append(": ");
                write(entry.value());
                separator = ", ";
            }
            text.append('}');
        }

        private void writeView(DictView view) {
            text.append(view.typeName());
            writeAll("([", view.dict().entries().stream().map(view::element).toList(), "])");
        }

        private void writeRange(RangeValue range) {
            text.append("range(").append(range.start()).append(", ").append(range.stop());
            if (range.step() != 1) {
                text.append(", ").append(range.step());
            }
            text.append(')');
        }

        private void writeNamespace(NamespaceValue namespace) {
            DictValue attributes = new DictValue();
            for (Map.Entry<String, Value> attribute : namespace.attributes().entrySet()) {
                attributes.put(StringValue.trusted(attribute.getKey()), attribute.getValue());
            }
            text.append("<Namespace ");
            write(attributes);
            text.append('>');
        }

        private void writeString(StringValue string) {
            trusted &= string.isWhollyTrusted();
            String content = string.text();
            meter.room((long) text.length() + content.length());
            if (string.isMarkup()) {
                text.append("Markup(");
            }
            char quote = content.indexOf('\'') >= 0 && content.indexOf('"') < 0 ? '"' : '\'';
            text.append(quote);
            content.codePoints().forEach(character -> writeCharacter(character, quote));
            text.append(quote);
            if (string.isMarkup()) {
                text.append(')');
            }
        }

        private void writeCharacter(int character, char quote) {
            switch (character) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (character == quote) {
                        text.append('\\').append(quote);
                    } else if (PythonText.isPrintable(character)) {
                        text.appendCodePoint(character);
                    } else if (character < 0x100) {
                        text.append("\\x").append("%02x".formatted(character));
                    } else if (character < 0x10000) {
                        text.append("\\u").append("%04x".formatted(character));
                    } else {
                        text.append("\\U").append("%08x".formatted(character));
                    }
                }
            }
        }
    }
}
