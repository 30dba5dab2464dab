package dev.millrace.worker.weights;

import dev.millrace.worker.kernel.DeviceVector;
import org.jspecify.annotations.Nullable;

/// One layer on a device, named as in GGUF.
///
/// @param attentionNorm `[H]`
/// @param query `[Q * D, H]`
/// @param key `[K * D, H]`
/// @param value `[K * D, H]`
/// @param queryNorm `[D]`, where the model normalises heads
/// @param keyNorm `[D]`, where the model normalises heads
/// @param attentionOutput `[H, Q * D]`
/// @param feedForwardNorm `[H]`
/// @param gate `[F, H]`
/// @param up `[F, H]`
/// @param down `[H, F]`
public record LayerWeights(
        DeviceVector attentionNorm,
        Linear query,
        Linear key,
        Linear value,
        @Nullable DeviceVector queryNorm,
        @Nullable DeviceVector keyNorm,
        Linear attentionOutput,
        DeviceVector feedForwardNorm,
        Linear gate,
        Linear up,
        Linear down) {}
