package dev.millrace.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns values into keys of Java maps that are equal where Python's are: `1`, `1.0` and `True` are one key.
final class HashKeys {
    private HashKeys() {}

    static Object of(Meter meter, Value value) {
        Object key = find(meter, value);
        if (key == null) {
            throw new TemplateException("unhashable type: '" + value.typeName() + "'");
        }
        return key;
    }

    /// The key, or null where Python could not hash the value.
    static @Nullable Object find(Meter meter, Value value) {
        meter.step();
        return switch (value) {
            case StringValue string -> string.text();
            case IntegerValue integer -> integer.value();
            case BooleanValue bool -> bool.value() ? BigInteger.ONE : BigInteger.ZERO;
            case FloatValue number -> ofFloat(number.value());
            case TupleValue tuple -> ofTuple(meter, tuple);
            case UndefinedValue ignored -> UndefinedValue.class;
            case ListValue ignored -> null;
            case DictValue ignored -> null;
            case DictView ignored -> null;
            case SliceValue ignored -> null;
            default -> value;
        };
    }

    private static Object ofFloat(double number) {
        boolean integral = Math.rint(number) == number && !Double.isInfinite(number);
        return integral ? new BigDecimal(number).toBigInteger() : (Object) number;
    }

    private static @Nullable Object ofTuple(Meter meter, TupleValue tuple) {
        meter.enter();
        List<Object> keys = new ArrayList<>(tuple.size());
        for (Value element : tuple.elements()) {
            Object key = find(meter, element);
            if (key == null) {
                meter.leave();
                return null;
            }
            keys.add(key);
        }
        meter.leave();
        return new TupleKey(keys);
    }
}
