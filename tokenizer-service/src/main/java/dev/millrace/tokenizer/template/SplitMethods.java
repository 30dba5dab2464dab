package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Methods that take strings apart and put them together.
final class SplitMethods {
    private SplitMethods() {}

    static void register(Map<String, StringMethod> methods) {
        methods.put("split", (evaluation, text, arguments) -> split("split", evaluation, text, arguments));
        methods.put("rsplit", (evaluation, text, arguments) -> split("rsplit", evaluation, text, arguments));
        methods.put("splitlines", SplitMethods::splitLines);
        methods.put("partition", (evaluation, text, arguments) -> partition(text, arguments, false));
        methods.put("rpartition", (evaluation, text, arguments) -> partition(text, arguments, true));
        methods.put("join", SplitMethods::join);
        strip(methods, "strip", true, true);
        strip(methods, "lstrip", true, false);
        strip(methods, "rstrip", false, true);
    }

    private static void strip(Map<String, StringMethod> methods, String name, boolean left, boolean right) {
        methods.put(name, (evaluation, text, arguments) -> {
            Bound bound = arguments.bindPositional(name, 1);
            StringValue characters = bound.notNone(0) == null ? null : bound.string(0);
            return strip(text, characters, left, right);
        });
    }

    /// Strips whitespace, or the characters of `characters` where given.
    static StringValue strip(StringValue text, @Nullable StringValue characters, boolean left, boolean right) {
        IntPredicate stripped = PythonText::isSpace;
        if (characters != null) {
            Set<Integer> set = characters.text().codePoints().boxed().collect(Collectors.toSet());
            stripped = set::contains;
        }
        int start = left ? PythonText.skipLeft(text.text(), stripped) : 0;
        int end = right
                ? PythonText.skipRight(text.text(), start, stripped)
                : text.text().length();
        return text.slice(start, end);
    }

    private static Value split(String function, Evaluation evaluation, StringValue text, Arguments arguments) {
        Bound bound = arguments.bind(function, "sep", "maxsplit");
        boolean fromRight = function.equals("rsplit");
        int limit = bound.integer(1, -1);
        long splits = limit < 0 ? Long.MAX_VALUE : limit;
        if (bound.notNone(0) == null) {
            return new ListValue(
                    fromRight
                            ? splitSpacesFromRight(evaluation.meter(), text, splits)
                            : splitSpaces(evaluation.meter(), text, splits));
        }
        Needle separator = new Needle(bound.string(0).text());
        if (separator.length() == 0) {
            throw new TemplateException("empty separator");
        }
        return new ListValue(
                fromRight
                        ? splitFromRight(evaluation.meter(), text, separator, splits)
                        : split(evaluation.meter(), text, separator, splits));
    }

    private static List<Value> split(Meter meter, StringValue text, Needle separator, long splits) {
        List<Value> parts = new ArrayList<>();
        int from = 0;
        int at = splits > 0 ? separator.find(text.text(), 0) : -1;
        while (at >= 0) {
            meter.step();
            parts.add(text.slice(from, at));
            from = at + separator.length();
            at = parts.size() < splits ? separator.find(text.text(), from) : -1;
        }
        meter.built(text.text().length());
        parts.add(text.slice(from, text.text().length()));
        return parts;
    }

    static List<Value> splitFromRight(Meter meter, StringValue text, Needle separator, long splits) {
        List<Value> parts = new ArrayList<>();
        int end = text.text().length();
        int at = splits > 0 ? separator.findLast(text.text(), end) : -1;
        while (at >= 0) {
            meter.step();
            parts.add(text.slice(at + separator.length(), end));
            end = at;
            at = parts.size() < splits ? separator.findLast(text.text(), end) : -1;
        }
        meter.built(text.text().length());
        parts.add(text.slice(0, end));
        Collections.reverse(parts);
        return parts;
    }

    private static List<Value> splitSpaces(Meter meter, StringValue text, long splits) {
        String characters = text.text();
        List<Value> parts = new ArrayList<>();
        int position = 0;
        while (true) {
            while (position < characters.length() && PythonText.isSpace(characters.charAt(position))) {
                position++;
            }
            if (position == characters.length()) {
                break;
            }
            meter.step();
            if (parts.size() == splits) {
                parts.add(text.slice(position, characters.length()));
                break;
            }
            int start = position;
            while (position < characters.length() && !PythonText.isSpace(characters.charAt(position))) {
                position++;
            }
            parts.add(text.slice(start, position));
        }
        meter.built(characters.length());
        return parts;
    }

    private static List<Value> splitSpacesFromRight(Meter meter, StringValue text, long splits) {
        String characters = text.text();
        List<Value> parts = new ArrayList<>();
        int position = characters.length();
        while (true) {
            while (position > 0 && PythonText.isSpace(characters.charAt(position - 1))) {
                position--;
            }
            if (position == 0) {
                break;
            }
            meter.step();
            if (parts.size() == splits) {
                parts.add(text.slice(0, position));
                break;
            }
            int end = position;
            while (position > 0 && !PythonText.isSpace(characters.charAt(position - 1))) {
                position--;
            }
            parts.add(text.slice(position, end));
        }
        meter.built(characters.length());
        Collections.reverse(parts);
        return parts;
    }

    private static Value splitLines(Evaluation evaluation, StringValue text, Arguments arguments) {
        Bound bound = arguments.bind("splitlines", "keepends");
        return new ListValue(lines(evaluation.meter(), text, bound.truth(0)));
    }

    static List<Value> lines(Meter meter, StringValue text, boolean keepEnds) {
        List<StringValue> lines = PythonText.lines(text, keepEnds);
        meter.steps(lines.size());
        meter.built(text.text().length());
        return List.copyOf(lines);
    }

    private static Value partition(StringValue text, Arguments arguments, boolean last) {
        StringValue separator =
                arguments.bindPositional(last ? "rpartition" : "partition", 1).string(0);
        if (separator.isEmpty()) {
            throw new TemplateException("empty separator");
        }
        Needle needle = new Needle(separator.text());
        int length = text.text().length();
        int at = last ? needle.findLast(text.text(), length) : needle.find(text.text(), 0);
        if (at < 0) {
            Value none = StringValue.EMPTY;
            return new TupleValue(last ? List.of(none, none, text) : List.of(text, none, none));
        }
        int after = at + needle.length();
        return new TupleValue(List.of(text.slice(0, at), text.slice(at, after), text.slice(after, length)));
    }

    private static Value join(Evaluation evaluation, StringValue text, Arguments arguments) {
        List<Value> parts = evaluation.list(arguments.bindPositional("join", 1).get(0));
        TextBuilder joined = new TextBuilder(evaluation.meter());
        for (int i = 0; i < parts.size(); i++) {
            if (!(parts.get(i) instanceof StringValue part)) {
                throw new TemplateException("sequence item " + i + ": expected str instance, "
                        + parts.get(i).typeName() + " found");
            }
            if (i > 0) {
                joined.append(text);
            }
            joined.append(Markup.argument(evaluation.meter(), text, part));
        }
        return Markup.like(text, joined.build());
    }
}
