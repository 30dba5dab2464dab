package dev.millrace.worker.engine;

import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cuda.CudaDevices;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.ModelConfiguration;
import dev.millrace.worker.model.StageLoader;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The stages of a model file, each on a device of its own, with the engine in front.
final class LoadedPipeline implements AutoCloseable {

    /// Where a stage is put. A CUDA device has the number of its stage; where there is none such, it is the first.
    enum Place {
        CPU,
        CUDA,
        CUDA_WITHOUT_GRAPHS
    }

    /// Puts something around the model of a stage.
    interface Wrapper {
        StageModel around(int stage, StageModel model);
    }

    final TestPipeline pipeline;
    final List<Device> devices = new ArrayList<>();
    /// In the order of the stages, without what was put around them.
    final List<StageModel> models = new ArrayList<>();

    LoadedPipeline(Path model, StageSettings settings, List<Place> places) {
        this(model, settings, places, (stage, loaded) -> loaded);
    }

    /// @param settings for as many stages as there are places
    LoadedPipeline(Path model, StageSettings settings, List<Place> places, Wrapper wrapper) {
        pipeline = new TestPipeline(settings, (stage, ledger) -> {
            Device device = open(places.get(stage), stage, ledger);
            devices.addFirst(device);
            StageModel loaded = load(model, settings, stage, device);
            models.addFirst(loaded);
            return wrapper.around(stage, loaded);
        });
    }

    private static Device open(Place place, int stage, StepLedger ledger) {
        if (place == Place.CPU) {
            return new CpuDevice(1);
        }
        int ordinal = stage < CudaDevices.find().found().size() ? stage : 0;
        return FakeDevice.open(ordinal, ledger, place == Place.CUDA);
    }

    /// The stage's share of the layers, on that device.
    static StageModel load(Path model, StageSettings settings, int stage, Device device) {
        try (GgufFile file = GgufFile.open(model)) {
            ModelConfiguration configuration = ModelConfiguration.read(file);
            int layers = configuration.shape().layers();
            int first = layers * stage / settings.stageCount();
            int end = layers * (stage + 1) / settings.stageCount();
            LayerSpan span = new LayerSpan(first, end - first, layers);
            StepLimits limits = settings.limits(configuration.shape().vocabulary());
            return device.thread()
                    .call(() -> StageLoader.load(file, span, limits, device, Optional.empty(), LoadProgress.IGNORED)
                            .model());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        pipeline.close();
        for (StageModel model : models) {
            model.thread().run(model::close);
        }
        devices.forEach(Device::close);
    }
}
