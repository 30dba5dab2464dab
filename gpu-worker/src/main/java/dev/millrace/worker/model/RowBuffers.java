package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.weights.ModelShape;

/// What the parts of the forward pass need that take each row by itself, for rows of one kind.
///
/// @param hidden `[rows, H]`, what goes from layer to layer
/// @param normed `[rows, H]`
/// @param attended `[rows, Q * D]`, queries and then the attention's result
record RowBuffers(DeviceBuffer hidden, DeviceBuffer normed, DeviceBuffer attended) {

    static RowBuffers allocate(DeviceMemory memory, ModelShape shape, Rows rows) {
        return new RowBuffers(
                memory.buffer(rows, shape.hidden()),
                memory.buffer(rows, shape.hidden()),
                memory.buffer(rows, shape.querySize()));
    }
}
