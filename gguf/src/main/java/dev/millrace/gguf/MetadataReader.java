package dev.millrace.gguf;

import dev.millrace.gguf.GgufValue.Array;
import dev.millrace.gguf.GgufValue.Bool;
import dev.millrace.gguf.GgufValue.Float32;
import dev.millrace.gguf.GgufValue.Float64;
import dev.millrace.gguf.GgufValue.Int16;
import dev.millrace.gguf.GgufValue.Int32;
import dev.millrace.gguf.GgufValue.Int64;
import dev.millrace.gguf.GgufValue.Int8;
import dev.millrace.gguf.GgufValue.NestedArray;
import dev.millrace.gguf.GgufValue.Text;
import dev.millrace.gguf.GgufValue.Uint16;
import dev.millrace.gguf.GgufValue.Uint32;
import dev.millrace.gguf.GgufValue.Uint64;
import dev.millrace.gguf.GgufValue.Uint8;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the key-value part of a header.
final class MetadataReader {
    static final int MOST_KEYS = 1 << 16;
    static final int LONGEST_KEY_BYTES = (1 << 16) - 1;
    /// An array of arrays of arrays of arrays is as deep as it goes.
    static final int DEEPEST_ARRAY = 4;
    /// Inner arrays cost an object each, so their number is bounded over the whole header.
    static final int MOST_INNER_ARRAYS = 1 << 16;

    private final HeaderReader reader;
    private int innerArrays;

    MetadataReader(HeaderReader reader) {
        this.reader = reader;
    }

    GgufMetadata read(int count) {
        if (count > MOST_KEYS) {
            throw reader.fail("the metadata has %d keys; at most %d are allowed".formatted(count, MOST_KEYS));
        }
        Map<String, GgufValue> values = new LinkedHashMap<>();
        for (int index = 0; index < count; index++) {
            long start = reader.offset();
            String key = reader.readString(LONGEST_KEY_BYTES, "metadata key " + index);
            if (key.isEmpty()) {
                throw reader.failAt(start, "metadata key " + index + " is empty");
            }
            String what = "the value of key " + Printable.quote(key);
            if (values.put(key, readValue(readType(what), what)) != null) {
                throw reader.failAt(start, "key %s is there twice".formatted(Printable.quote(key)));
            }
        }
        return new GgufMetadata(reader.source(), values);
    }

    private GgufType readType(String what) {
        long start = reader.offset();
        int id = reader.readInt("the type of " + what);
        @Nullable GgufType type = GgufType.byId(id);
        if (type == null) {
            throw reader.failAt(
                    start,
                    "the type of %s is %s; types are 0 to %d"
                            .formatted(what, Integer.toUnsignedString(id), GgufType.values().length - 1));
        }
        return type;
    }

    private GgufValue readValue(GgufType type, String what) {
        return switch (type) {
            case UINT8 -> new Uint8(Byte.toUnsignedLong(reader.readByte(what)));
            case INT8 -> new Int8(reader.readByte(what));
            case UINT16 -> new Uint16(Short.toUnsignedLong(reader.readShort(what)));
            case INT16 -> new Int16(reader.readShort(what));
            case UINT32 -> new Uint32(Integer.toUnsignedLong(reader.readInt(what)));
            case INT32 -> new Int32(reader.readInt(what));
            case UINT64 -> new Uint64(reader.readLong(what));
            case INT64 -> new Int64(reader.readLong(what));
            case FLOAT32 -> new Float32(Float.intBitsToFloat(reader.readInt(what)));
            case FLOAT64 -> new Float64(Double.longBitsToDouble(reader.readLong(what)));
            case BOOL -> new Bool(checkedBool(reader.offset(), reader.readByte(what), what));
            case STRING -> new Text(reader.readString(Integer.MAX_VALUE, what));
            case ARRAY -> readArray(1, what);
        };
    }

    private Array readArray(int depth, String what) {
        long start = reader.offset();
        if (depth > DEEPEST_ARRAY) {
            throw reader.failAt(start, "%s has arrays within arrays deeper than %d".formatted(what, DEEPEST_ARRAY));
        }
        GgufType elementType = readType("the elements of " + what);
        int count = reader.readCount(elementType.smallestBytes(), "the element count of " + what);
        return switch (elementType) {
            case STRING -> reader.readStrings(count, what);
            case ARRAY -> readNested(count, depth, what);
            default -> readNumbers(elementType, count, what);
        };
    }

    private NumberArray readNumbers(GgufType elementType, int count, String what) {
        long start = reader.offset();
        byte[] bytes = reader.readBytes(Math.multiplyExact(count, elementType.smallestBytes()), what);
        if (elementType == GgufType.BOOL) {
            for (int index = 0; index < count; index++) {
                checkedBool(start + index, bytes[index], what);
            }
        }
        return new NumberArray(elementType, bytes);
    }

    private NestedArray readNested(int count, int depth, String what) {
        innerArrays += count;
        if (count > MOST_INNER_ARRAYS || innerArrays > MOST_INNER_ARRAYS) {
            throw reader.fail("%s has more than %d inner arrays".formatted(what, MOST_INNER_ARRAYS));
        }
        List<Array> elements = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            elements.add(readArray(depth + 1, what));
        }
        return new NestedArray(elements);
    }

    private boolean checkedBool(long start, byte value, String what) {
        if (value != 0 && value != 1) {
            throw reader.failAt(start, "%s is a bool of value %d; it must be 0 or 1".formatted(what, value));
        }
        return value == 1;
    }
}
