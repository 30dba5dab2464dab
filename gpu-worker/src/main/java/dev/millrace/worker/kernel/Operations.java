package dev.millrace.worker.kernel;

import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;

/// The operations of a forward pass. [#begin] hands over the step, everything after it works on the rows that the step
/// has of a buffer's kind ([Rows]), in the order of the calls; a device may run behind until [#download] or [#sample].
///
/// A row's values do not depend on the other rows of the step, on their number or on its place among them, to the bit.
/// What a step refers to is checked against the limits before it comes here; handles are of the same [DeviceMemory].
public interface Operations {

    /// Makes `input` the current step; it stays unchanged until the next one. The only upload of a stage that starts
    /// from token ids.
    void begin(StepInput input);

    /// Fills `target` from rows without gaps, little-endian f32.
    void upload(MemorySegment source, DeviceBuffer target);

    /// Writes the rows of `source` without gaps, little-endian f32.
    void download(DeviceBuffer source, MemorySegment target);

    /// `target[t] = table[token id t]`.
    void embed(Matrix table, DeviceBuffer target);

    /// `target = source / sqrt(mean(source^2) + epsilon) * weight` for each row; both may be the same buffer.
    void rmsNorm(DeviceBuffer source, DeviceVector weight, float epsilon, DeviceBuffer target);

    /// Multiplies each row of `source` with one or more matrices that share it. No target is `source`, none occurs
    /// twice.
    void project(DeviceBuffer source, Projection[] projections);

    /// [#rmsNorm] in place over each head of `weight.size()` values, as in Qwen3.
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

    /// Chooses the next token for each row of `logits` `[N, V]`, as the step's sample records say, and adds it to
    /// `output`. May overwrite the logits.
    void sample(DeviceBuffer logits, StepOutput output);
}
