package dev.millrace.gguf;

import java.lang.foreign.MemorySegment;

/// A tensor as it lies in the file.
///
/// `dimensions` has the row length (columns) first, as GGUF does: a weight of shape `[out, in]` is `{in, out}` here.
/// `data` is read-only, exactly [#byteSize] long, aligned only as the file says, and valid until the file is closed.
@SuppressWarnings("ArrayRecordComponent") // Copied where it comes in; tensors are never compared.
public record GgufTensor(String name, long[] dimensions, TensorType type, MemorySegment data) {
    public GgufTensor {
        dimensions = dimensions.clone();
    }

    @Override
    public long[] dimensions() {
        return dimensions.clone();
    }

    /// Elements in a row.
    public long columns() {
        return dimensions[0];
    }

    /// Rows: the product of all dimensions but the first.
    public long rows() {
        return new Dimensions(dimensions).rows();
    }

    public long elementCount() {
        return columns() * rows();
    }

    public long byteSize() {
        return data.byteSize();
    }

    @Override
    public String toString() {
        return "%s %s %s".formatted(Printable.quote(name), new Dimensions(dimensions), type);
    }
}
