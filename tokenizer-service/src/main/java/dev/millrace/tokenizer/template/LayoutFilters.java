package dev.millrace.tokenizer.template;

import java.util.List;
import java.util.Map;

/// Filters that lay text out in lines and widths.
final class LayoutFilters {
    private static final StringValue NEW_LINE = StringValue.trusted("\n");
    private static final StringValue SPACE = StringValue.trusted(" ");
    private static final int LEEWAY = 5;

    private LayoutFilters() {}

    static void register(Map<String, Filter> filters) {
        filters.put(
                "center",
                (evaluation, input, arguments) -> PadMethods.center(
                        evaluation.meter(),
                        evaluation.text(input),
                        arguments.bind("center", "width").integer(0, 80)));
        filters.put("indent", LayoutFilters::indent);
        filters.put("truncate", LayoutFilters::truncate);
        filters.put("wordwrap", LayoutFilters::wordWrap);
    }

    private static Value indent(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("indent", "width", "first", "blank");
        StringValue text = text(input);
        StringValue indentation = bound.find(0) instanceof StringValue given
                ? given
                : new TextBuilder(evaluation.meter())
                        .repeat(SPACE, bound.integer(0, 4))
                        .build();
        boolean blank = bound.truth(2);
        StringValue ended = new TextBuilder(evaluation.meter())
                .append(text)
                .append(NEW_LINE)
                .build();
        TextBuilder indented = new TextBuilder(evaluation.meter());
        if (bound.truth(1)) {
            indented.append(indentation);
        }
        List<Value> lines = SplitMethods.lines(evaluation.meter(), ended, false);
        for (int i = 0; i < lines.size(); i++) {
            StringValue line = text(lines.get(i));
            if (i > 0) {
                indented.append(NEW_LINE);
                indented.append(blank || !line.isEmpty() ? indentation : StringValue.EMPTY);
            }
            indented.append(line);
        }
        return Markup.like(text, indented.build());
    }

    private static StringValue text(Value input) {
        return switch (input) {
            case StringValue text -> text;
            case UndefinedValue undefined -> throw undefined.failure();
            default -> throw new TemplateException("text is required, not " + input.typeName());
        };
    }

    private static Value truncate(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("truncate", "length", "killwords", "end", "leeway");
        int length = bound.integer(0, 255);
        StringValue end = bound.string(2, StringValue.trusted("..."));
        int leeway = bound.notNone(3) == null ? LEEWAY : bound.integer(3);
        if (length < end.length() || leeway < 0) {
            throw new TemplateException(
                    "truncate() needs a length of at least " + end.length() + " and a leeway of at least 0");
        }
        Integer size = Iteration.size(input);
        if (size != null && size <= (long) length + leeway) {
            return input;
        }
        StringValue text = text(input);
        int cut = text.offset(length - end.length());
        int space = bound.truth(1) ? -1 : cut == 0 ? -1 : text.text().lastIndexOf(' ', cut - 1);
        TextBuilder truncated = new TextBuilder(evaluation.meter());
        return truncated.append(text, 0, space < 0 ? cut : space).append(end).build();
    }

    private static Value wordWrap(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("wordwrap", "width", "break_long_words", "wrapstring", "break_on_hyphens");
        StringValue text = text(input);
        StringValue separator = bound.notNone(2) == null ? NEW_LINE : bound.string(2);
        WordWrap wrap = new WordWrap(bound.integer(0, 79), bound.truth(1, true), bound.truth(3, true));
        TextBuilder wrapped = new TextBuilder(evaluation.meter());
        boolean first = true;
        for (Value line : SplitMethods.lines(evaluation.meter(), text, false)) {
            List<String> parts = wrap.wrap(text(line).text());
            evaluation.meter().steps(parts.size() + 1L);
            if (!first) {
                wrapped.append(separator);
            }
            for (int i = 0; i < parts.size(); i++) {
                if (i > 0) {
                    wrapped.append(separator);
                }
                wrapped.append(parts.get(i), text.isWhollyTrusted());
            }
            first = false;
        }
        return wrapped.build();
    }
}
