package dev.millrace.tokenizer.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Methods that look for one string in another.
final class SearchMethods {
    private SearchMethods() {}

    /// The part of a string that optional start and end arguments mean, as UTF-16 indexes; null where start is beyond.
    private record Range(int start, int end) {
        static @Nullable Range of(StringValue text, Bound bound) {
            int length = text.length();
            int start = fit(bound, 1, 0, length);
            int end = fit(bound, 2, length, length);
            if (start > length || start > end) {
                return null;
            }
            return new Range(text.offset(start), text.offset(end));
        }

        private static int fit(Bound bound, int parameter, int fallback, int length) {
            if (bound.notNone(parameter) == null) {
                return fallback;
            }
            int index = bound.integer(parameter);
            if (index < 0) {
                return Math.max(0, index + length);
            }
            return parameter == 1 ? Math.min(index, length + 1) : Math.min(index, length);
        }
    }

    static void register(Map<String, StringMethod> methods) {
        methods.put("find", (evaluation, text, arguments) -> find("find", text, arguments, false));
        methods.put("rfind", (evaluation, text, arguments) -> find("rfind", text, arguments, true));
        methods.put("index", (evaluation, text, arguments) -> found(find("index", text, arguments, false)));
        methods.put("rindex", (evaluation, text, arguments) -> found(find("rindex", text, arguments, true)));
        methods.put("count", SearchMethods::count);
        methods.put("startswith", (evaluation, text, arguments) -> affix("startswith", text, arguments, true));
        methods.put("endswith", (evaluation, text, arguments) -> affix("endswith", text, arguments, false));
        methods.put("replace", SearchMethods::replace);
        methods.put("removeprefix", SearchMethods::removePrefix);
        methods.put("removesuffix", SearchMethods::removeSuffix);
    }

    private static IntegerValue find(String function, StringValue text, Arguments arguments, boolean last) {
        Bound bound = arguments.bindPositional(function, 3);
        Needle needle = new Needle(bound.string(0).text());
        Range range = Range.of(text, bound);
        if (range == null) {
            return IntegerValue.of(-1);
        }
        int found = last ? needle.findLast(text.text(), range.end()) : needle.find(text.text(), range.start());
        boolean inside = found >= range.start() && found + needle.length() <= range.end();
        return IntegerValue.of(inside ? text.text().codePointCount(0, found) : -1);
    }

    private static Value found(IntegerValue index) {
        if (index.value().signum() < 0) {
            throw new TemplateException("substring not found");
        }
        return index;
    }

    private static Value count(Evaluation evaluation, StringValue text, Arguments arguments) {
        Bound bound = arguments.bindPositional("count", 3);
        Needle needle = new Needle(bound.string(0).text());
        Range range = Range.of(text, bound);
        if (range == null) {
            return IntegerValue.of(0);
        }
        if (needle.length() == 0) {
            return IntegerValue.of(text.text().codePointCount(range.start(), range.end()) + 1L);
        }
        long count = 0;
        for (int at = needle.find(text.text(), range.start());
                at >= 0 && at + needle.length() <= range.end();
                at = needle.find(text.text(), at + needle.length())) {
            count++;
        }
        return IntegerValue.of(count);
    }

    private static Value affix(String function, StringValue text, Arguments arguments, boolean prefix) {
        Bound bound = arguments.bindPositional(function, 3);
        Value wanted = bound.get(0);
        List<Value> choices = wanted instanceof TupleValue tuple ? tuple.elements() : List.of(wanted);
        Range range = Range.of(text, bound);
        for (Value choice : choices) {
            if (!(choice instanceof StringValue affix)) {
                throw new TemplateException(
                        function + " first arg must be str or a tuple of str, not " + choice.typeName());
            }
            int length = affix.text().length();
            boolean matches = range != null
                    && length <= range.end() - range.start()
                    && text.text().startsWith(affix.text(), prefix ? range.start() : range.end() - length);
            if (matches) {
                return BooleanValue.TRUE;
            }
        }
        return BooleanValue.FALSE;
    }

    private static Value replace(Evaluation evaluation, StringValue text, Arguments arguments) {
        Bound bound = arguments.bind("replace", "old", "new", "count");
        Meter meter = evaluation.meter();
        StringValue old = Markup.argument(meter, text, bound.string(0));
        StringValue replacement = Markup.argument(meter, text, bound.string(1));
        return Markup.like(text, replace(meter, text, old, replacement, bound.integer(2, -1)));
    }

    /// Replaces the first `count` occurrences, all where `count` is negative.
    static StringValue replace(Meter meter, StringValue text, StringValue old, StringValue replacement, int count) {
        Needle needle = new Needle(old.text());
        TextBuilder replaced = new TextBuilder(meter);
        String haystack = text.text();
        long left = count < 0 ? Long.MAX_VALUE : count;
        int copied = 0;
        int at = left > 0 ? needle.find(haystack, 0) : -1;
        while (at >= 0) {
            meter.step();
            replaced.append(text, copied, at).append(replacement);
            copied = at + needle.length();
            left--;
            int from = copied;
            if (needle.length() == 0) {
                from = at < haystack.length() ? at + Character.charCount(haystack.codePointAt(at)) : -1;
            }
            at = left > 0 && from >= 0 ? needle.find(haystack, from) : -1;
        }
        return replaced.append(text, copied, haystack.length()).build();
    }

    private static Value removePrefix(Evaluation evaluation, StringValue text, Arguments arguments) {
        String prefix = arguments.bindPositional("removeprefix", 1).string(0).text();
        int length = text.text().length();
        return text.text().startsWith(prefix) ? text.slice(prefix.length(), length) : text;
    }

    private static Value removeSuffix(Evaluation evaluation, StringValue text, Arguments arguments) {
        String suffix = arguments.bindPositional("removesuffix", 1).string(0).text();
        int length = text.text().length();
        return text.text().endsWith(suffix) ? text.slice(0, length - suffix.length()) : text;
    }
}
