package dev.millrace.worker.weights;

import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Matrix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The weights of one stage on a device.
///
/// @param embedding `[V, H]`, on the first stage
/// @param layers the layers of the span
/// @param outputNorm `[H]`, on the last stage
/// @param output `[V, H]`, on the last stage; the embedding where the file has no output matrix
public record StageWeights(
        @Nullable Matrix embedding,
        List<LayerWeights> layers,
        @Nullable DeviceVector outputNorm,
        @Nullable Linear output) {

    public StageWeights {
        layers = List.copyOf(layers);
    }
}
