package dev.millrace.worker.model;

import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.PackedPlace;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import dev.millrace.worker.weights.StageWeights;
import dev.millrace.worker.weights.StageWeightsLoader;
import dev.millrace.worker.weights.UnusableModelException;
import java.util.Optional;

/// Puts the layers of a stage on a device; to be used on the device's thread.
public final class StageLoader {

    private StageLoader() {}

    /// What [#load] with the same arguments will take of the device, found out by the same steps without taking it.
    ///
    /// @throws UnusableModelException where the file cannot be served
    public static MemoryUse plan(GgufFile file, LayerSpan span, StepLimits limits, Device device) {
        ModelConfiguration configuration = check(file, span, limits);
        try (DeviceMemory memory = device.measure(limits)) {
            build(file, configuration, span, device.thread(), memory, LoadProgress.IGNORED);
            return memory.use();
        }
    }

    /// Loads the stage; the file may be closed afterwards. Takes what [#plan] says.
    ///
    /// @param packed where weights are kept in the device's layout
    ///
    /// @throws UnusableModelException where the file cannot be served
    public static LoadedStage load(
            GgufFile file,
            LayerSpan span,
            StepLimits limits,
            Device device,
            Optional<PackedPlace> packed,
            LoadProgress progress) {
        ModelConfiguration configuration = check(file, span, limits);
        DeviceMemory memory =
                packed.map(place -> device.allocate(limits, place)).orElseGet(() -> device.allocate(limits));
        try {
            StageModel model = build(file, configuration, span, device.thread(), memory, progress);
            return new LoadedStage(model, memory.use());
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    private static ForwardPass build(
            GgufFile file,
            ModelConfiguration configuration,
            LayerSpan span,
            DeviceThread thread,
            DeviceMemory memory,
            LoadProgress progress) {
        StageWeights weights = StageWeightsLoader.load(file, configuration.shape(), span, memory, progress);
        return new ForwardPass(thread, memory, configuration, weights);
    }

    private static ModelConfiguration check(GgufFile file, LayerSpan span, StepLimits limits) {
        ModelConfiguration configuration = ModelConfiguration.read(file);
        String place = file.paths().getFirst().toString();
        if (span.total() != configuration.shape().layers()) {
            throw new UnusableModelException("%s has %d layers, but a stage is asked for %d layers from %d on of %d"
                    .formatted(place, configuration.shape().layers(), span.count(), span.first(), span.total()));
        }
        if (limits.vocabularySize() != configuration.shape().vocabulary()) {
            throw new UnusableModelException("%s has %d token ids, but %d are expected"
                    .formatted(place, configuration.shape().vocabulary(), limits.vocabularySize()));
        }
        return configuration;
    }
}
