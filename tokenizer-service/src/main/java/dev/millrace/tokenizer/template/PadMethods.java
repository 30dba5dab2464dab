package dev.millrace.tokenizer.template;

import java.util.Map;

/// Methods that bring strings to a width.
final class PadMethods {
    private static final StringValue SPACE = StringValue.trusted(" ");
    private static final StringValue ZERO = StringValue.trusted("0");

    private PadMethods() {}

    static void register(Map<String, StringMethod> methods) {
        methods.put("center", (evaluation, text, arguments) -> {
            Bound bound = arguments.bindPositional("center", 2);
            return center(evaluation.meter(), text, bound.integer(0), fill(bound, "center"));
        });
        methods.put("ljust", (evaluation, text, arguments) -> {
            Bound bound = arguments.bindPositional("ljust", 2);
            return pad(evaluation.meter(), text, 0, missing(text, bound), fill(bound, "ljust"));
        });
        methods.put("rjust", (evaluation, text, arguments) -> {
            Bound bound = arguments.bindPositional("rjust", 2);
            return pad(evaluation.meter(), text, missing(text, bound), 0, fill(bound, "rjust"));
        });
        methods.put("zfill", PadMethods::fillWithZeros);
        methods.put("expandtabs", PadMethods::expandTabs);
    }

    private static long missing(StringValue text, Bound bound) {
        return Math.max(0, (long) bound.integer(0) - text.length());
    }

    private static StringValue fill(Bound bound, String function) {
        StringValue fill = bound.string(1, SPACE);
        if (fill.length() != 1) {
            throw new TemplateException(function + "(): the fill character must be exactly one character long");
        }
        return fill;
    }

    /// Centres as Python does: of an odd rest, the greater half stands left where the width is odd.
    static StringValue center(Meter meter, StringValue text, int width, StringValue fill) {
        long missing = Math.max(0, (long) width - text.length());
        long left = missing / 2 + (missing & width & 1);
        return pad(meter, text, left, missing - left, fill);
    }

    static StringValue center(Meter meter, StringValue text, int width) {
        return center(meter, text, width, SPACE);
    }

    private static StringValue pad(Meter meter, StringValue text, long left, long right, StringValue fill) {
        TextBuilder padded = new TextBuilder(meter);
        padded.repeat(fill, left).append(text).repeat(fill, right);
        return Markup.like(text, padded.build());
    }

    private static Value fillWithZeros(Evaluation evaluation, StringValue text, Arguments arguments) {
        Bound bound = arguments.bindPositional("zfill", 1);
        int sign = text.text().startsWith("-") || text.text().startsWith("+") ? 1 : 0;
        TextBuilder filled = new TextBuilder(evaluation.meter());
        filled.append(text, 0, sign).repeat(ZERO, missing(text, bound));
        return Markup.like(text, filled.append(text, sign, text.text().length()).build());
    }

    private static Value expandTabs(Evaluation evaluation, StringValue text, Arguments arguments) {
        int size = arguments.bind("expandtabs", "tabsize").integer(0, 8);
        TextBuilder expanded = new TextBuilder(evaluation.meter());
        long column = 0;
        String characters = text.text();
        for (int i = 0; i < characters.length(); ) {
            int end = i + Character.charCount(characters.codePointAt(i));
            char character = characters.charAt(i);
            if (character == '\t') {
                long spaces = size > 0 ? size - column % size : 0;
                expanded.repeat(SPACE, spaces);
                column += spaces;
            } else {
                expanded.append(text, i, end);
                column = character == '\n' || character == '\r' ? 0 : column + 1;
            }
            i = end;
        }
        return Markup.like(text, expanded.build());
    }
}
