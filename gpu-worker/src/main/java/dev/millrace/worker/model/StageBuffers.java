package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.weights.ModelShape;

/// What a step leaves between two operations over all its tokens; all layers of a stage share it.
///
/// @param rows of the tokens
/// @param keys `[T, K * D]`
/// @param values `[T, K * D]`
record StageBuffers(RowBuffers rows, DeviceBuffer keys, DeviceBuffer values) {

    static StageBuffers allocate(DeviceMemory memory, ModelShape shape) {
        return new StageBuffers(
                RowBuffers.allocate(memory, shape, Rows.TOKENS),
                memory.buffer(Rows.TOKENS, shape.kvSize()),
                memory.buffer(Rows.TOKENS, shape.kvSize()));
    }

    /// `[T, H]`, what goes from layer to layer.
    DeviceBuffer hidden() {
        return rows.hidden();
    }

    /// `[T, H]`
    DeviceBuffer normed() {
        return rows.normed();
    }

    /// `[T, Q * D]`, and the attention's result.
    DeviceBuffer queries() {
        return rows.attended();
    }
}
