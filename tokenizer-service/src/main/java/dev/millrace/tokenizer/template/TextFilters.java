package dev.millrace.tokenizer.template;

import java.util.Map;
import java.util.function.UnaryOperator;

/// Filters on text.
final class TextFilters {
    private TextFilters() {}

    static void register(Map<String, Filter> filters) {
        mapping(filters, "upper", PythonText::upper);
        mapping(filters, "lower", PythonText::lower);
        mapping(filters, "capitalize", PythonText::capitalize);
        mapping(filters, "title", TextFilters::title);
        filters.put("string", (evaluation, input, arguments) -> {
            arguments.bind("string");
            return evaluation.text(input);
        });
        filters.put("trim", (evaluation, input, arguments) -> {
            Bound bound = arguments.bind("trim", "chars");
            StringValue characters = bound.notNone(0) == null ? null : bound.string(0);
            return SplitMethods.strip(evaluation.text(input), characters, true, true);
        });
        filters.put("replace", (evaluation, input, arguments) -> {
            Bound bound = arguments.bind("replace", "old", "new", "count");
            StringValue old = evaluation.text(bound.get(0));
            StringValue replacement = evaluation.text(bound.get(1));
            int count = bound.notNone(2) == null ? -1 : bound.integer(2);
            return SearchMethods.replace(evaluation.meter(), evaluation.text(input), old, replacement, count);
        });
        filters.put("format", TextFilters::format);
        filters.put("wordcount", (evaluation, input, arguments) -> {
            arguments.bind("wordcount");
            return IntegerValue.of(countWords(evaluation.text(input).text()));
        });
        filters.put("join", TextFilters::join);
    }

    private static void mapping(Map<String, Filter> filters, String name, UnaryOperator<String> mapping) {
        filters.put(name, (evaluation, input, arguments) -> {
            arguments.bind(name);
            return CaseMethods.map(evaluation, evaluation.text(input), mapping);
        });
    }

    /// Capitals after whitespace, dashes and opening brackets; everything else small.
    private static String title(String text) {
        StringBuilder title = new StringBuilder(text.length());
        int start = 0;
        while (start < text.length()) {
            boolean separator = isTitleSeparator(text.charAt(start));
            int end = start;
            while (end < text.length() && isTitleSeparator(text.charAt(end)) == separator) {
                end++;
            }
            int first = text.offsetByCodePoints(start, 1);
            title.append(PythonText.upper(text.substring(start, first)))
                    .append(PythonText.lower(text.substring(first, end)));
            start = end;
        }
        return title.toString();
    }

    private static boolean isTitleSeparator(char character) {
        return PythonText.isSpace(character) || "-({[<".indexOf(character) >= 0;
    }

    private static Value format(Evaluation evaluation, Value input, Arguments arguments) {
        StringValue format = evaluation.text(input);
        if (arguments.named().isEmpty()) {
            return PercentFormat.format(evaluation.meter(), format, new TupleValue(arguments.positional()));
        }
        if (!arguments.positional().isEmpty()) {
            throw new TemplateException("can't handle positional and keyword arguments at the same time");
        }
        DictValue named = new DictValue();
        arguments.named().forEach((name, value) -> named.put(StringValue.trusted(name), value));
        return PercentFormat.format(evaluation.meter(), format, named);
    }

    private static int countWords(String text) {
        int words = 0;
        boolean inWord = false;
        for (int character : text.codePoints().toArray()) {
            boolean part = Character.isLetterOrDigit(character) || character == '_';
            words += part && !inWord ? 1 : 0;
            inWord = part;
        }
        return words;
    }

    private static Value join(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("join", "d", "attribute");
        StringValue separator = evaluation.text(bound.get(0, StringValue.EMPTY));
        Value path = bound.notNone(1);
        AttributePath attribute = path == null ? null : AttributePath.of(evaluation, path);
        TextBuilder joined = new TextBuilder(evaluation.meter());
        boolean first = true;
        for (var values = evaluation.iterate(input); values.hasNext(); ) {
            evaluation.meter().step();
            Value value = values.next();
            if (!first) {
                joined.append(separator);
            }
            joined.append(evaluation.text(attribute == null ? value : attribute.of(value)));
            first = false;
        }
        return joined.build();
    }
}
