package dev.millrace.worker.kernel;

import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;

/// The operations of a forward pass. A step is begun, goes through operations, which work on the rows that it has of a
/// buffer's kind ([Rows]), and ends; its result is taken later. A device may run behind until then: up to [#depth]
/// steps
/// may be begun before the oldest is taken, and they run in their order.
///
/// A row's values do not depend on the other rows of the step, on their number or on its place among them, to the bit.
/// What a step refers to is checked against the limits before it comes here; handles are of the same [DeviceMemory].
public interface Operations {

    /// Steps that may be begun before the oldest is taken, from 1.
    int depth();

    /// Makes `input` the current step; it stays unchanged until the step is taken. The only upload of a stage that
    /// starts from token ids.
    ///
    /// @throws IllegalStateException when [#depth] steps are begun already
    void begin(StepInput input);

    /// As [#begin], and fills `target` from rows without gaps, little-endian f32; one upload brings both. The rows are
    /// read until the step has ended.
    void begin(StepInput input, MemorySegment rows, DeviceBuffer target);

    /// As [#begin], and fills `target` from what another device of this process puts into `rows`, when it is there. For
    /// slots of the same memory.
    default void begin(StepInput input, RowSlot rows, DeviceBuffer target) {
        throw new UnsupportedOperationException("rows come to this device from the system's memory");
    }

    /// Fills `target` from rows without gaps, little-endian f32, for the step begun last: for tests and measuring, as
    /// it
    /// is an upload of its own.
    void upload(MemorySegment source, DeviceBuffer target);

    /// Writes the rows of `source` without gaps, little-endian f32, as they are now; for tests and measuring, as it
    /// waits
    /// for everything before it.
    void download(DeviceBuffer source, MemorySegment target);

    /// `target[t] = table[token id t]`. An id `~place` stands for the token that was sampled last at that place.
    void embed(Matrix table, DeviceBuffer target);

    /// `target = source / sqrt(mean(source^2) + epsilon) * weight` for each row; both may be the same buffer.
    void rmsNorm(DeviceBuffer source, DeviceVector weight, float epsilon, DeviceBuffer target);

    /// Multiplies each row of `source` with one or more matrices that share it. No target is `source`, none occurs
    /// twice.
    void project(DeviceBuffer source, Projection[] projections);

    /// [#rmsNorm] in place over each head of `weight.size()` values of the step's tokens, as in Qwen3.
    void headNorm(DeviceBuffer heads, DeviceVector weight, float epsilon);

    /// Rotates the heads of `headSize` values in place by the positions of their tokens.
    void rope(DeviceBuffer heads, int headSize, RopeTable table);

    /// Puts the step's keys and values `[T, K * D]` into their slots.
    void storeKv(KvCache cache, int layer, DeviceBuffer keys, DeviceBuffer values);

    /// Causal attention: for each query head `target = sum(softmax(query * keys / sqrt(D)) * values)` over the
    /// positions of the token's sequence up to its own, whose keys and values are in the cache. A KV head serves as
    /// many neighbouring query heads as there are more of them. Queries and target are `[T, Q * D]` and may be the
    /// same.
    void attention(KvCache cache, int layer, DeviceBuffer queries, DeviceBuffer target);

    /// The product of `down` with what `gate` makes of `source`. What is between them never leaves the device's own
    /// memory.
    void feedForward(DeviceBuffer source, Gate gate, Projection down);

    /// Takes the rows of the tokens that are sampled after.
    void gatherSampled(DeviceBuffer tokens, DeviceBuffer samples);

    /// Chooses the next token for each row of `logits` `[N, V]`, which stay as they are, as the step's sample records
    /// say, and keeps its id at the sample's place.
    void sample(DeviceBuffer logits);

    /// The step of a last stage is complete: what was sampled, if anything, is to be taken with [#take(StepOutput)].
    void end();

    /// The step of another stage is complete: these rows are to be taken with [#take(MemorySegment)].
    void end(DeviceBuffer rows);

    /// Whether [#end(DeviceBuffer, RowSlot)] works with those slots, which are another device's.
    default boolean reaches(RowSlots slots) {
        return false;
    }

    /// The step of a stage that is not the last is complete: these rows go to a slot on another device of this process.
    /// The reading device may be asked for them at once; here, the step is to be taken with [#take()].
    default void end(DeviceBuffer rows, RowSlot target) {
        throw new UnsupportedOperationException("rows go from this device to the system's memory");
    }

    /// Whether the oldest step begun can be taken without waiting for the device; never waits itself.
    boolean isOver();

    /// Waits for the oldest step begun and writes its tokens, also if there are none; [StepOutput#begin] is included.
    void take(StepOutput output);

    /// Waits for the oldest step begun and writes its rows without gaps, little-endian f32.
    void take(MemorySegment rows);

    /// Waits for the oldest step begun, whose rows have gone to another device.
    default void take() {
        throw new UnsupportedOperationException("rows go from this device to the system's memory");
    }

    /// Waits for everything that was begun and forgets it, also a step that did not end because something failed. Never
    /// throws.
    void drop();

    /// True when nothing right can come from here any more, after an error of the device: the memory has to be closed.
    default boolean isBroken() {
        return false;
    }
}
