package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.step.SamplingParameters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A token does not depend on its neighbours: the logits of a sequence are the same to the bit however it is computed.
class SameLogitsTest {

    private static final int STEPS = 4;
    private static final int[] PROMPT = prompt(70);
    private static List<float[]> alone = List.of();

    private static int[] prompt(int length) {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> (i * 37 + 300) % 2000);
        return ids;
    }

    @BeforeAll
    static void run_the_sequence_alone() throws IOException {
        alone = run(1, 1, 512, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16})
    void with_other_prefill_chunks(int chunk) throws IOException {
        assertAlone(run(1, 1, chunk, 0));
    }

    @ParameterizedTest
    @CsvSource({"2, 512", "3, 16", "4, 33"})
    void over_more_stages(int stages, int chunk) throws IOException {
        assertAlone(run(1, stages, chunk, 0));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 16", "2, 2, 12"})
    void among_other_sequences(int threads, int stages, int chunk) throws IOException {
        assertAlone(run(threads, stages, chunk, 32));
    }

    @Test
    void with_more_threads() throws IOException {
        assertAlone(run(3, 1, 512, 0));
    }

    private static void assertAlone(List<float[]> logits) {
        for (int i = 0; i < STEPS; i++) {
            assertThat(Arrays.mismatch(logits.get(i), alone.get(i)))
                    .as("first logit that differs in step %d", i)
                    .isEqualTo(-1);
        }
    }

    /// The logits after the prompt and after each greedy token; others, of other lengths, start and end beside it.
    private static List<float[]> run(int threads, int stages, int chunk, int others) throws IOException {
        List<float[]> logits = new ArrayList<>();
        try (Device device = new CpuDevice(threads);
                Pipeline pipeline =
                        new Pipeline(ModelFiles.ours(ModelFiles.DEMO), device, stages, 544, 33, 8 * (others + 1))) {
            List<Pipeline.Sequence> sequences = new ArrayList<>();
            for (int i = 0; i < others; i++) {
                sequences.add(pipeline.sequence(prompt(1 + i * 5 % 90), 8 * 16));
            }
            Pipeline.Sequence watched = pipeline.sequence(PROMPT, 8 * 16);
            sequences.add(others / 2, watched);
            while (logits.size() < STEPS) {
                int[] ids = pipeline.step(sequences, chunk, SamplingParameters.GREEDY);
                for (int i = 0; i < ids.length; i++) {
                    if (ids[i] >= 0) {
                        sequences.get(i).append(ids[i]);
                    }
                }
                if (ids[sequences.indexOf(watched)] >= 0) {
                    logits.add(watched.logits);
                }
                // Others leave over time, so that the watched one changes its place.
                if (sequences.size() > 1) {
                    sequences.removeFirst();
                    if (sequences.indexOf(watched) < 0) {
                        sequences.addFirst(watched);
                    }
                }
            }
        }
        return logits;
    }
}
