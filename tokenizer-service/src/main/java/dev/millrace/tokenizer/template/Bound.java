package dev.millrace.tokenizer.template;

import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Arguments by the position of their parameter; a parameter that was not given is null or takes a fallback.
final class Bound {
    private final String function;
    private final String[] parameters;
    private final @Nullable Value[] values;

    Bound(String function, String[] parameters) {
        this.function = function;
        this.parameters = parameters;
        this.values = new @Nullable Value[parameters.length];
    }

    void set(int parameter, Value value) {
        values[parameter] = value;
    }

    void set(String name, Value value) {
        int parameter = Arrays.asList(parameters).indexOf(name);
        if (parameter < 0) {
            throw new TemplateException(function + "() got an unexpected keyword argument '" + name + "'");
        }
        if (values[parameter] != null) {
            throw new TemplateException(function + "() got multiple values for argument '" + name + "'");
        }
        values[parameter] = value;
    }

    @Nullable
    Value find(int parameter) {
        return values[parameter];
    }

    Value get(int parameter) {
        Value value = values[parameter];
        if (value == null) {
            throw new TemplateException(function + "() missing required argument '" + parameters[parameter] + "'");
        }
        return value;
    }

    Value get(int parameter, Value fallback) {
        Value value = values[parameter];
        return value == null ? fallback : value;
    }

    /// The value, or null where it is not given or None.
    @Nullable
    Value notNone(int parameter) {
        Value value = values[parameter];
        return value == NoneValue.NONE ? null : value;
    }

    boolean truth(int parameter) {
        Value value = values[parameter];
        return value != null && Truth.of(value);
    }

    boolean truth(int parameter, boolean fallback) {
        Value value = values[parameter];
        return value == null ? fallback : Truth.of(value);
    }

    int integer(int parameter) {
        return toInteger(get(parameter));
    }

    int integer(int parameter, int fallback) {
        Value value = values[parameter];
        return value == null ? fallback : toInteger(value);
    }

    private int toInteger(Value value) {
        BigInteger integer = Arithmetic.integer(value);
        if (integer == null) {
            throw new TemplateException(function + "(): an integer is required, got '" + value.typeName() + "'");
        }
        if (integer.bitLength() > 31) {
            throw new TemplateException(function + "(): the integer is out of range");
        }
        return integer.intValue();
    }

    StringValue string(int parameter) {
        return toString(get(parameter));
    }

    StringValue string(int parameter, StringValue fallback) {
        return toString(get(parameter, fallback));
    }

    private StringValue toString(Value value) {
        if (value instanceof StringValue string) {
            return string;
        }
        throw new TemplateException(function + "() argument must be str, not " + value.typeName());
    }
}
