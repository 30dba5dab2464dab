package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.SamplingParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole models on a CUDA device, with the driver that computes on the CPU.
@Tag("device")
class CudaPipelineTest {

    private static final int[] PROMPT = {3, 14, 15, 9, 26, 5, 35, 8, 9, 7, 9, 3, 23, 8, 46, 26, 43};
    private static final int TOKENS = 12;

    private final FakeDriver fake = FakeDriver.start(1);
    private final StepLedger ledger = new StepLedger();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"llama, 6, 1, 64", "llama, 6, 2, 5", "qwen2, 6, 3, 64", "qwen3, 8, 1, 3"})
    void greedy_tokens_are_those_of_the_cpu(String architecture, int headSize, int stages, int chunk)
            throws IOException {
        Path model = new TinyModel(architecture, headSize).write(folder);
        int[] wanted;
        try (Device cpu = new CpuDevice(1);
                Pipeline pipeline = new Pipeline(model, cpu, 1, 64, 4, 8)) {
            wanted = pipeline.greedy(PROMPT, TOKENS, 64);
        }
        for (boolean graphs : new boolean[] {false, true}) {
            try (Device cuda = FakeDevice.open(ledger, graphs);
                    Pipeline pipeline = new Pipeline(model, cuda, stages, 64, 4, 8)) {
                assertThat(pipeline.greedy(PROMPT, TOKENS, chunk)).isEqualTo(wanted);
            }
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void a_decode_is_one_copy_up_one_graph_and_one_copy_down() throws IOException {
        Path model = new TinyModel("llama", 6).write(folder);
        try (Device cuda = FakeDevice.open(ledger, true);
                Pipeline pipeline = new Pipeline(model, cuda, 1, 64, 4, 16)) {
            List<Pipeline.Sequence> sequences = List.of(pipeline.sequence(PROMPT, 64), pipeline.sequence(PROMPT, 64));
            decode(pipeline, sequences, 3);
            long up = ledger.transfers(Direction.UPLOAD);
            long down = ledger.transfers(Direction.DOWNLOAD);
            long downBytes = ledger.bytes(Direction.DOWNLOAD);
            fake.clearCounts();
            decode(pipeline, sequences, 20);
            assertThat(ledger.transfers(Direction.UPLOAD) - up).isEqualTo(20);
            assertThat(ledger.transfers(Direction.DOWNLOAD) - down).isEqualTo(20);
            assertThat(ledger.bytes(Direction.DOWNLOAD) - downBytes).isEqualTo(20 * 2 * 8);
            assertThat(fake.count("cuMemcpyHtoDAsync")).isEqualTo(20);
            // The pipeline of tests brings the logits down, too.
            assertThat(fake.count("cuMemcpyDtoHAsync")).isEqualTo(2 * 20);
            assertThat(fake.count("cuGraphLaunch")).isEqualTo(20);
            assertThat(fake.count("cuLaunchKernel")).isZero();
            assertThat(fake.count("cuMemcpyHtoD") + fake.count("cuMemcpyDtoH")).isZero();
            assertThat(fake.count("cuMemAlloc")).isZero();
        }
    }

    private static void decode(Pipeline pipeline, List<Pipeline.Sequence> sequences, int steps) {
        for (int step = 0; step < steps; step++) {
            int[] ids = pipeline.step(sequences, 64, SamplingParameters.GREEDY);
            for (int i = 0; i < ids.length; i++) {
                sequences.get(i).append(ids[i]);
            }
        }
    }
}
