package dev.millrace.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/// An array of numbers or booleans, kept as it stands in the file: no object per element.
public final class NumberArray implements GgufValue.Array {
    private final GgufType elementType;
    private final ByteBuffer bytes;

    /// `bytes` are the elements as the file has them, little-endian; they are not copied.
    NumberArray(GgufType elementType, byte[] bytes) {
        this.elementType = elementType;
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public GgufType elementType() {
        return elementType;
    }

    @Override
    public int size() {
        return bytes.capacity() / elementType.smallestBytes();
    }

    /// The integer (or 0 and 1 for a boolean) at `index`; an unsigned 64-bit number as its bits.
    public long integer(int index) {
        int offset = offset(index);
        return switch (elementType) {
            case UINT8, BOOL -> Byte.toUnsignedLong(bytes.get(offset));
            case INT8 -> bytes.get(offset);
            case UINT16 -> Short.toUnsignedLong(bytes.getShort(offset));
            case INT16 -> bytes.getShort(offset);
            case UINT32 -> Integer.toUnsignedLong(bytes.getInt(offset));
            case INT32 -> bytes.getInt(offset);
            case UINT64, INT64 -> bytes.getLong(offset);
            case FLOAT32, FLOAT64, STRING, ARRAY ->
                throw new IllegalStateException("not integers but " + elementType.label());
        };
    }

    /// The floating-point number at `index`.
    public double floating(int index) {
        int offset = offset(index);
        return switch (elementType) {
            case FLOAT32 -> bytes.getFloat(offset);
            case FLOAT64 -> bytes.getDouble(offset);
            default -> throw new IllegalStateException("not floating-point numbers but " + elementType.label());
        };
    }

    @Override
    public GgufValue get(int index) {
        return switch (elementType) {
            case UINT8 -> new Uint8(integer(index));
            case INT8 -> new Int8(integer(index));
            case UINT16 -> new Uint16(integer(index));
            case INT16 -> new Int16(integer(index));
            case UINT32 -> new Uint32(integer(index));
            case INT32 -> new Int32(integer(index));
            case UINT64 -> new Uint64(integer(index));
            case INT64 -> new Int64(integer(index));
            case BOOL -> new Bool(integer(index) != 0);
            case FLOAT32 -> new Float32((float) floating(index));
            case FLOAT64 -> new Float64(floating(index));
            case STRING, ARRAY -> throw new IllegalStateException("not numbers but " + elementType.label());
        };
    }

    private int offset(int index) {
        return Objects.checkIndex(index, size()) * elementType.smallestBytes();
    }
}
