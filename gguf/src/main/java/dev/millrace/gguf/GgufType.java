package dev.millrace.gguf;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The type of a metadata value.
public enum GgufType {
    UINT8(0, 1),
    INT8(1, 1),
    UINT16(2, 2),
    INT16(3, 2),
    UINT32(4, 4),
    INT32(5, 4),
    FLOAT32(6, 4),
    BOOL(7, 1),
    /// A length of 8 bytes and that many bytes of UTF-8.
    STRING(8, 8),
    /// The element type (4 bytes), the element count (8 bytes) and the elements.
    ARRAY(9, 12),
    UINT64(10, 8),
    INT64(11, 8),
    FLOAT64(12, 8);

    private final int id;
    private final int smallestBytes;

    GgufType(int id, int smallestBytes) {
        this.id = id;
        this.smallestBytes = smallestBytes;
    }

    /// The number that stands for it in the file.
    public int id() {
        return id;
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
        for (GgufType type : values()) {
            if (type.id == id) {
                return type;
            }
        }
        return null;
    }
}
