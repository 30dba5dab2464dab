package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.weights.ModelShape;

/// What a step leaves between two operations; all layers of a stage share it.
///
/// @param hidden `[T, H]`, what goes from layer to layer
/// @param normed `[T, H]`
/// @param queries `[T, Q * D]`, and the attention's result
/// @param keys `[T, K * D]`
/// @param values `[T, K * D]`
/// @param gate `[T, F]`
/// @param up `[T, F]`
record StageBuffers(
        DeviceBuffer hidden,
        DeviceBuffer normed,
        DeviceBuffer queries,
        DeviceBuffer keys,
        DeviceBuffer values,
        DeviceBuffer gate,
        DeviceBuffer up) {

    static StageBuffers allocate(DeviceMemory memory, ModelShape shape) {
        return new StageBuffers(
                memory.buffer(Rows.TOKENS, shape.hidden()),
                memory.buffer(Rows.TOKENS, shape.hidden()),
                memory.buffer(Rows.TOKENS, shape.querySize()),
                memory.buffer(Rows.TOKENS, shape.kvSize()),
                memory.buffer(Rows.TOKENS, shape.kvSize()),
                memory.buffer(Rows.TOKENS, shape.feedForward()),
                memory.buffer(Rows.TOKENS, shape.feedForward()));
    }
}
