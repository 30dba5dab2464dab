package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.SamplingParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How many kernels a decode step launches: each costs the device a microsecond or more, whatever it does.
class CudaLaunchesTest {

    /// The embedding and the angles of positions; the gathering of what is sampled, norm, logits and choice.
    private static final int OUTSIDE_OF_LAYERS = 2 + 4;

    private final FakeDriver fake = FakeDriver.start(1);

    @TempDir
    private Path folder;

    /// Norm, queries with keys and values, their heads, attention, its output; norm, gate with its other matrix,
    /// gating,
    /// down.
    @ParameterizedTest
    @CsvSource({"llama, 6", "qwen2, 6", "qwen3, 8"})
    void a_layer_is_nine_launches(String architecture, int headSize) throws IOException {
        Path model = new TinyModel(architecture, headSize).write(folder);
        assertThat(launches(model, 5)).isEqualTo(9 * TinyModel.LAYERS + OUTSIDE_OF_LAYERS);
    }

    /// What attention leaves is rounded by a kernel of its own; norms and gates are by the kernel that makes them.
    @Test
    void a_layer_of_rounded_rows_is_ten_launches() throws IOException {
        Path model = ModelFiles.ours(ModelFiles.DEMO);
        assertThat(launches(model, 5)).isEqualTo(10 * 4 + OUTSIDE_OF_LAYERS);
        // Long contexts are merged, which rounds; not in the last layer, where rows are gathered in between.
        assertThat(launches(model, 300)).isEqualTo(10 * 4 + OUTSIDE_OF_LAYERS + 1);
    }

    private long launches(Path model, int context) throws IOException {
        try (Device cuda = FakeDevice.open(new StepLedger(), false);
                Pipeline pipeline = new Pipeline(model, cuda, 1, 64, 4, 32)) {
            int[] prompt = IntStream.range(0, context).map(i -> i % 60).toArray();
            Pipeline.Sequence sequence = pipeline.sequence(prompt, context + 1);
            List<Pipeline.Sequence> sequences = List.of(sequence);
            int id = -1;
            while (id < 0) {
                id = pipeline.step(sequences, 64, SamplingParameters.GREEDY)[0];
            }
            sequence.append(id);
            fake.clearCounts();
            pipeline.step(sequences, 64, SamplingParameters.GREEDY);
            return fake.count("cuLaunchKernel");
        }
    }
}
