package dev.millrace.gguf;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The type of a metadata value; the identifier in the file is the ordinal.
public enum GgufType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    /// A length of 8 bytes and that many bytes of UTF-8.
    STRING(8),
    /// The element type (4 bytes), the element count (8 bytes) and the elements.
    ARRAY(12),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private static final GgufType[] BY_ID = values();

    private final int smallestBytes;

    GgufType(int smallestBytes) {
        this.smallestBytes = smallestBytes;
    }

    /// How many bytes of the file a value of this type takes at the least; exactly, unless it is a string or an array.
    public int smallestBytes() {
        return smallestBytes;
    }

    boolean isInteger() {
        return switch (this) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
        };
    }

    boolean isFloating() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /// The name as messages write it: `uint32`, `string`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static @Nullable GgufType byId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }
}
