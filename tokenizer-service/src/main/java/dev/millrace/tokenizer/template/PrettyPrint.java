package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;

/// `value|pprint`: like `repr`, with containers over several lines where they are wider than 80 columns and the keys of
/// dictionaries in order. Long strings stay on one line.
final class PrettyPrint {
    private static final int WIDTH = 80;

    private final Evaluation evaluation;
    private final TextBuilder output;

    private PrettyPrint(Evaluation evaluation) {
        this.evaluation = evaluation;
        this.output = new TextBuilder(evaluation.meter());
    }

    static Value filter(Evaluation evaluation, Value input, Arguments arguments) {
        arguments.bind("pprint");
        PrettyPrint print = new PrettyPrint(evaluation);
        print.write(print.ordered(input), 0, 0);
        StringValue text = print.output.build();
        return text.provenance().isUniform() ? text : text.derive(text.text());
    }

    /// The value with the keys of its dictionaries in order, as far as they have one. Takes twice the stack of others.
    private Value ordered(Value value) {
        evaluation.meter().step();
        evaluation.meter().enter();
        Value result = switch (value) {
            case ListValue list ->
                new ListValue(list.elements().stream().map(this::ordered).toList());
            case TupleValue tuple ->
                new TupleValue(tuple.elements().stream().map(this::ordered).toList());
            case DictValue dict -> ordered(dict);
            default -> value;
        };
        evaluation.meter().leave();
        return result;
    }

    private Value ordered(DictValue dict) {
        List<DictValue.Entry> entries = new ArrayList<>(dict.entries());
        boolean allText = entries.stream().allMatch(entry -> entry.key() instanceof StringValue);
        boolean allNumbers = entries.stream().allMatch(entry -> Arithmetic.number(entry.key()) != null);
        if (allText || allNumbers) {
            entries.sort((left, right) -> Comparison.compare(evaluation.meter(), left.key(), right.key(), "<"));
        }
        DictValue ordered = new DictValue();
        for (DictValue.Entry entry : entries) {
            ordered.put(evaluation.meter(), entry.key(), ordered(entry.value()));
        }
        return ordered;
    }

    private void write(Value value, int indent, int allowance) {
        StringValue plain = Display.represent(evaluation.meter(), value);
        if (plain.length() <= WIDTH - indent - allowance) {
            output.append(plain);
            return;
        }
        switch (value) {
            case ListValue list -> writeElements("[", list.elements(), "]", indent, allowance);
            case TupleValue tuple ->
                writeElements("(", tuple.elements(), tuple.size() == 1 ? ",)" : ")", indent, allowance);
            case DictValue dict -> writeEntries(dict, indent, allowance);
            default -> output.append(plain);
        }
    }

    private void writeElements(String open, List<Value> elements, String close, int indent, int allowance) {
        output.append(open, true);
        for (int i = 0; i < elements.size(); i++) {
            boolean last = i == elements.size() - 1;
            separate(i, indent);
            write(elements.get(i), indent + 1, last ? allowance + close.length() : 1);
        }
        output.append(close, true);
    }

    private void writeEntries(DictValue dict, int indent, int allowance) {
        output.append("{", true);
        int i = 0;
        for (DictValue.Entry entry : dict.entries()) {
            separate(i++, indent);
            StringValue key = Display.represent(evaluation.meter(), entry.key());
            output.append(key).append(": ", true);
            boolean last = i == dict.size();
            write(entry.value(), indent + 1 + key.length() + 2, last ? allowance + 1 : 1);
        }
        output.append("}", true);
    }

    private void separate(int index, int indent) {
        if (index > 0) {
            output.append(",\n", true).repeat(StringValue.trusted(" "), indent + 1L);
        }
    }
}
