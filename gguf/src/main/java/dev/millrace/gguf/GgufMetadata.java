package dev.millrace.gguf;

import dev.millrace.gguf.GgufValue.Bool;
import dev.millrace.gguf.GgufValue.Float32;
import dev.millrace.gguf.GgufValue.Float64;
import dev.millrace.gguf.GgufValue.Text;
import dev.millrace.gguf.GgufValue.Uint64;
import dev.millrace.gguf.GgufValue.Whole;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The key-value part of a header, in file order, with typed access: a key that is missing or of another type is a
/// [GgufException] that names the key, the type wanted and the type found.
public final class GgufMetadata {
    private final String source;
    private final Map<String, GgufValue> values;

    /// `source` names the file in messages.
    GgufMetadata(String source, Map<String, GgufValue> values) {
        this.source = source;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    public Set<String> keys() {
        return values.keySet();
    }

    public boolean contains(String key) {
        return values.containsKey(key);
    }

    public Optional<GgufValue> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    public String string(String key) {
        return text(key, require(key, "string"));
    }

    public String string(String key, String fallback) {
        @Nullable GgufValue value = values.get(key);
        return value == null ? fallback : text(key, value);
    }

    /// Any integer type; an unsigned number beyond a long is refused.
    public long integer(String key) {
        return whole(key, require(key, "integer"));
    }

    public long integer(String key, long fallback) {
        @Nullable GgufValue value = values.get(key);
        return value == null ? fallback : whole(key, value);
    }

    /// float32, or float64 rounded to it.
    public float floating(String key) {
        return real(key, require(key, "floating-point number"));
    }

    public float floating(String key, float fallback) {
        @Nullable GgufValue value = values.get(key);
        return value == null ? fallback : real(key, value);
    }

    public boolean bool(String key, boolean fallback) {
        @Nullable GgufValue value = values.get(key);
        if (value == null) {
            return fallback;
        }
        if (value instanceof Bool flag) {
            return flag.value();
        }
        throw wrongType(key, "bool", value);
    }

    /// An array of strings, decoded anew at each call; bytes that are not UTF-8 become U+FFFD (see [StringArray]).
    public List<String> strings(String key) {
        if (require(key, "array of string") instanceof StringArray array) {
            return array.strings();
        }
        throw wrongType(key, "array of string", require(key, "array of string"));
    }

    /// An array of float32 or float64.
    public float[] floats(String key) {
        GgufValue value = require(key, "array of floating-point numbers");
        if (!(value instanceof NumberArray array && array.elementType().isFloating())) {
            throw wrongType(key, "array of floating-point numbers", value);
        }
        float[] floats = new float[array.size()];
        for (int index = 0; index < floats.length; index++) {
            floats[index] = (float) array.floating(index);
        }
        return floats;
    }

    /// An array of any integer type; an element beyond an int is refused.
    public int[] integers(String key) {
        GgufValue value = require(key, "array of integers");
        if (!(value instanceof NumberArray array && array.elementType().isInteger())) {
            throw wrongType(key, "array of integers", value);
        }
        int[] integers = new int[array.size()];
        for (int index = 0; index < integers.length; index++) {
            long element = array.integer(index);
            if (element != (int) element) {
                throw new GgufException("%s: element %d of key %s is out of range: %d is not within 32 bits"
                        .formatted(source, index, Printable.quote(key), element));
            }
            integers[index] = (int) element;
        }
        return integers;
    }

    private GgufValue require(String key, String wanted) {
        @Nullable GgufValue value = values.get(key);
        if (value == null) {
            throw new GgufException(
                    "%s: key %s is missing; a %s is needed".formatted(source, Printable.quote(key), wanted));
        }
        return value;
    }

    private String text(String key, GgufValue value) {
        if (value instanceof Text text) {
            return text.value();
        }
        throw wrongType(key, "string", value);
    }

    private long whole(String key, GgufValue value) {
        if (!(value instanceof Whole whole)) {
            throw wrongType(key, "integer", value);
        }
        if (whole instanceof Uint64 && whole.value() < 0) {
            throw new GgufException("%s: key %s is out of range: %s is beyond a signed 64-bit integer"
                    .formatted(source, Printable.quote(key), Long.toUnsignedString(whole.value())));
        }
        return whole.value();
    }

    private float real(String key, GgufValue value) {
        return switch (value) {
            case Float32 number -> number.value();
            case Float64 number -> (float) number.value();
            default -> throw wrongType(key, "floating-point number", value);
        };
    }

    private GgufException wrongType(String key, String wanted, GgufValue found) {
        return new GgufException("%s: key %s has the wrong type: %s is needed, the file has %s"
                .formatted(source, Printable.quote(key), wanted, found.describe()));
    }
}
