package dev.millrace.cli.inspect;

import dev.millrace.gguf.GgufValue;
import dev.millrace.gguf.Printable;
import java.util.ArrayList;
import java.util.List;

/// A metadata value on one line: long strings are cut, of long arrays the first elements are shown.
final class ValueText {
    private static final int LONGEST_STRING = 120;
    private static final int LONGEST_ELEMENT = 24;
    private static final int MOST_ELEMENTS = 8;

    private ValueText() {}

    static String of(GgufValue value) {
        return of(value, LONGEST_STRING);
    }

    private static String of(GgufValue value, int longest) {
        return switch (value) {
            case GgufValue.Uint64 unsigned -> Long.toUnsignedString(unsigned.value());
            case GgufValue.Whole whole -> Long.toString(whole.value());
            case GgufValue.Float32 number -> Float.toString(number.value());
            case GgufValue.Float64 number -> Double.toString(number.value());
            case GgufValue.Bool flag -> Boolean.toString(flag.value());
            case GgufValue.Text text -> text(text.value(), longest);
            case GgufValue.Array array -> array(array);
        };
    }

    private static String text(String text, int longest) {
        String quoted = Printable.quote(text, longest);
        return text.length() > longest && longest == LONGEST_STRING
                ? quoted + " (" + text.length() + " characters)"
                : quoted;
    }

    private static String array(GgufValue.Array array) {
        List<String> elements = new ArrayList<>();
        for (int index = 0; index < Math.min(array.size(), MOST_ELEMENTS); index++) {
            elements.add(of(array.get(index), LONGEST_ELEMENT));
        }
        if (array.size() > MOST_ELEMENTS) {
            elements.add("...");
        }
        return "%d x %s [%s]".formatted(array.size(), array.elementType().label(), String.join(", ", elements));
    }
}
