package dev.millrace.gguf;

/// A line of the tensor directory: where a tensor's bytes are, already checked in itself.
/// `offset` counts from the start of the data part; `dimensions` has the row length first.
record TensorEntry(String name, TensorType type, Dimensions dimensions, long offset, long byteSize) {
    long end() {
        return offset + byteSize;
    }
}
