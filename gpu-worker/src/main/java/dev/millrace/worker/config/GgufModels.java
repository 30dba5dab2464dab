package dev.millrace.worker.config;

import dev.millrace.gguf.GgufException;
import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.PackedPlace;
import dev.millrace.worker.model.ModelConfiguration;
import dev.millrace.worker.model.StageLoader;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import dev.millrace.worker.weights.ModelShape;
import dev.millrace.worker.weights.UnusableModelException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// The stages of a GGUF file, on a device. The file is mapped while it is read and not longer.
final class GgufModels implements StageModels {

    private final Path path;
    private final Device device;
    private final WeightCache cache;
    private final ModelFacts facts;

    /// Reads the header.
    static StageModels open(Path path, Device device, WeightCache cache) throws StartException {
        try {
            return new GgufModels(path, device, cache);
        } catch (GgufException | UnusableModelException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        } catch (NoSuchFileException e) {
            throw new StartException("there is no model file " + path);
        } catch (IOException e) {
            throw new StartException("the model file " + path + " cannot be read: " + e.getMessage());
        }
    }

    private GgufModels(Path path, Device device, WeightCache cache) throws IOException {
        this.path = path;
        this.cache = cache;
        this.device = device;
        try (GgufFile file = GgufFile.open(path)) {
            ModelShape shape = ModelConfiguration.read(file).shape();
            facts = new ModelFacts(file.digest(), shape.layers(), shape.hidden(), shape.vocabulary());
        }
    }

    @Override
    public ModelFacts facts() {
        return facts;
    }

    @Override
    public MemoryUse plan(LayerSpan span, StepLimits limits) throws IOException {
        try (GgufFile file = open()) {
            return device.thread().call(() -> StageLoader.plan(file, span, limits, device));
        }
    }

    @Override
    public StageModel load(LayerSpan span, StepLimits limits, LoadProgress progress) throws IOException {
        try (GgufFile file = open()) {
            Optional<PackedPlace> packed = cache.isOff() ? Optional.empty() : Optional.of(cache.place(file, span));
            return device.thread()
                    .call(() -> StageLoader.load(file, span, limits, device, packed, progress)
                            .model());
        }
    }

    private GgufFile open() throws IOException {
        GgufFile file = GgufFile.open(path);
        if (!file.digest().equals(facts.digest())) {
            file.close();
            throw new UnusableModelException(path + " is not the file that it was when the worker started");
        }
        return file;
    }
}
