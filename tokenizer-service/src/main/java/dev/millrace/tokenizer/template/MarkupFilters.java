package dev.millrace.tokenizer.template;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Filters for HTML and URLs.
final class MarkupFilters {
    private MarkupFilters() {}

    static void register(Map<String, Filter> filters) {
        Filter escape = (evaluation, input, arguments) -> {
            arguments.bind("escape");
            return Markup.escape(evaluation.meter(), evaluation.text(input));
        };
        filters.put("escape", escape);
        filters.put("e", escape);
        filters.put("forceescape", (evaluation, input, arguments) -> {
            arguments.bind("forceescape");
            return Markup.forceEscape(evaluation.meter(), evaluation.text(input));
        });
        filters.put("safe", (evaluation, input, arguments) -> {
            arguments.bind("safe");
            return evaluation.text(input).asMarkup();
        });
        filters.put("striptags", (evaluation, input, arguments) -> {
            arguments.bind("striptags");
            StringValue text = evaluation.text(input);
            return text.asPlain().derive(HtmlText.withoutTags(text.text()));
        });
        filters.put("urlencode", MarkupFilters::urlEncode);
        filters.put("xmlattr", MarkupFilters::xmlAttributes);
    }

    private static Value urlEncode(Evaluation evaluation, Value input, Arguments arguments) {
        arguments.bind("urlencode");
        boolean single = input instanceof StringValue || Iteration.find(evaluation.meter(), input) == null;
        TextBuilder encoded = new TextBuilder(evaluation.meter());
        if (single) {
            appendQuoted(encoded, evaluation.text(input), false);
            return encoded.build();
        }
        Value pairs = input instanceof DictValue dict ? new DictView(dict, DictView.Kind.ITEMS) : input;
        boolean first = true;
        for (Iterator<Value> all = evaluation.iterate(pairs); all.hasNext(); ) {
            List<Value> pair = evaluation.list(all.next());
            if (pair.size() != 2) {
                throw new TemplateException("urlencode needs pairs of a key and a value");
            }
            encoded.append(first ? "" : "&", true);
            appendQuoted(encoded, evaluation.text(pair.get(0)), true);
            encoded.append("=", true);
            appendQuoted(encoded, evaluation.text(pair.get(1)), true);
            first = false;
        }
        return encoded.build();
    }

    private static void appendQuoted(TextBuilder encoded, StringValue text, boolean forQuery) {
        boolean trusted = text.isWhollyTrusted();
        StringBuilder quoted = new StringBuilder();
        for (byte part : text.text().getBytes(StandardCharsets.UTF_8)) {
            boolean plain = (part >= '0' && part <= '9')
                    || (part >= 'A' && part <= 'Z')
                    || (part >= 'a' && part <= 'z')
                    || "_.-~".indexOf(part) >= 0
                    || (part == '/' && !forQuery);
            if (plain) {
                quoted.append((char) part);
            } else if (part == ' ' && forQuery) {
                quoted.append('+');
            } else {
                quoted.append('%').append("%02X".formatted(part));
            }
        }
        encoded.append(quoted.toString(), trusted);
    }

    private static Value xmlAttributes(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("xmlattr", "autospace");
        if (!(input instanceof DictValue dict)) {
            throw new TemplateException("xmlattr needs a mapping, not " + input.typeName());
        }
        TextBuilder attributes = new TextBuilder(evaluation.meter());
        String separator = bound.truth(0, true) ? " " : "";
        for (DictValue.Entry entry : dict.entries()) {
            if (entry.value() == NoneValue.NONE || entry.value() instanceof UndefinedValue) {
                continue;
            }
            StringValue key = evaluation.text(entry.key());
            if (key.text().chars().anyMatch(character -> " \t\n\r\f\u000b/>=".indexOf(character) >= 0)) {
                throw new TemplateException("Invalid character in attribute name: '" + key.text() + "'");
            }
            attributes
                    .append(separator, true)
                    .append(Markup.escape(evaluation.meter(), key))
                    .append("=\"", true)
                    .append(Markup.escape(evaluation.meter(), evaluation.text(entry.value())))
                    .append("\"", true);
            separator = " ";
        }
        return attributes.build();
    }
}
