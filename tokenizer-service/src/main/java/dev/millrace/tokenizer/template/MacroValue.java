package dev.millrace.tokenizer.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A macro, or the body of a call block as `caller`, with the frame that it was defined in.
final class MacroValue implements CallableValue {
    private final Procedure procedure;
    private final Frame definedIn;

    MacroValue(Procedure procedure, Frame definedIn) {
        this.procedure = procedure;
        this.definedIn = definedIn;
    }

    @Override
    public Value call(Evaluation evaluation, Arguments arguments) {
        int line = evaluation.line();
        Frame frame = definedIn.open(procedure.body().scope());
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        setParameters(evaluation, frame, arguments.positional(), named);
        setImplicitParameters(frame, arguments.positional(), named);
        TextBuilder output = new TextBuilder(evaluation.meter());
        evaluation.statements().run(procedure.body().statements(), frame, output);
        evaluation.at(line);
        return output.build();
    }

    private void setParameters(Evaluation evaluation, Frame frame, List<Value> positional, Map<String, Value> named) {
        List<String> parameters = procedure.parameters();
        int firstDefault = parameters.size() - procedure.defaults().size();
        @Nullable Value[] given = new @Nullable Value[parameters.size()];
        for (int i = 0; i < given.length; i++) {
            given[i] = i < positional.size() ? positional.get(i) : named.remove(parameters.get(i));
            Value value = given[i];
            frame.set(parameters.get(i), value == null ? UndefinedValue.MISSING : value);
        }
        for (int i = 0; i < given.length; i++) {
            if (given[i] == null) {
                Value value = i >= firstDefault
                        ? evaluation.expressions().evaluate(procedure.defaults().get(i - firstDefault), frame)
                        : new UndefinedValue("parameter '" + parameters.get(i) + "' was not provided");
                frame.set(parameters.get(i), value);
            }
        }
    }

    private void setImplicitParameters(Frame frame, List<Value> positional, Map<String, Value> named) {
        if (procedure.catchesCaller()) {
            Value caller = named.remove("caller");
            frame.set("caller", caller == null ? new UndefinedValue("No caller defined") : caller);
        }
        if (procedure.catchesNamed()) {
            DictValue rest = new DictValue();
            named.forEach((name, value) -> rest.put(StringValue.trusted(name), value));
            frame.set("kwargs", rest);
        } else if (!named.isEmpty()) {
            throw new TemplateException("macro '" + procedure.name() + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        int count = procedure.parameters().size();
        if (procedure.catchesPositional()) {
            List<Value> rest = positional.size() > count ? positional.subList(count, positional.size()) : List.of();
            frame.set("varargs", new TupleValue(List.copyOf(rest)));
        } else if (positional.size() > count) {
            throw new TemplateException(
                    "macro '" + procedure.name() + "' takes not more than " + count + " argument(s)");
        }
    }

    @Nullable
    Value attribute(String name) {
        return switch (name) {
            case "name" -> StringValue.trusted(procedure.name());
            case "arguments" ->
                new TupleValue(procedure.parameters().stream()
                        .<Value>map(StringValue::trusted)
                        .toList());
            case "catch_kwargs" -> BooleanValue.of(procedure.catchesNamed());
            case "catch_varargs" -> BooleanValue.of(procedure.catchesPositional());
            case "caller" -> BooleanValue.of(procedure.catchesCaller());
            default -> null;
        };
    }

    String describe() {
        return procedure.name().isEmpty() ? "anonymous" : "'" + procedure.name() + "'";
    }

    @Override
    public String typeName() {
        return "Macro";
    }
}
