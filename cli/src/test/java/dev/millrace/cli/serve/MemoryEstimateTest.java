package dev.millrace.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.cli.UserError;
import dev.millrace.cli.device.CudaDevice;
import dev.millrace.cli.device.DeviceReport;
import dev.millrace.cli.device.DeviceUser;
import dev.millrace.cli.device.Place;
import dev.millrace.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryEstimateTest {
    private static final long PROCESS_BYTES = 150L << 20;
    private static final long PINNED_BYTES = 128L << 20;
    private static final long CONTEXT_BYTES = 512L << 20;
    private static final DeviceReport NO_DEVICES = DeviceReport.none("");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @Test
    void a_model_says_what_its_caches_take() throws IOException {
        ModelSummary summary = ModelSummary.read(
                model().uint32("llama.attention.head_count_kv", 2).write(folder.resolve("model.gguf")));

        // 4 layers, 2 heads of 16 for keys and for values
        assertThat(summary).isEqualTo(new ModelSummary(4, 512, 4096, 4096, 4 * 2 * (16 + 16)));
    }

    @Test
    void sizes_that_no_model_has_are_refused() throws IOException {
        Path path = model().uint32("llama.attention.key_length", 0xFFFFFFFFL).write(folder.resolve("model.gguf"));

        assertThatThrownBy(() -> ModelSummary.read(path))
                .isInstanceOf(UserError.class)
                .hasMessage("the model is damaged: its llama.attention.key_length is 4294967295");
    }

    @Test
    void the_estimate_counts_weights_caches_and_processes() {
        ModelSummary model = new ModelSummary(4, 100_000, 1_000_000, 1000, 256);

        MemoryEstimate estimate = MemoryEstimate.of(model, settings(2, 0, 8));

        assertThat(estimate.weights()).isEqualTo(1_001_000);
        assertThat(estimate.cache()).isEqualTo((8192L + 16) * 8 * 256 * 2);
        assertThat(MemoryEstimate.of(model, settings(1, 16, 1)).weights()).isEqualTo(1_000_000);
        assertThat(MemoryEstimate.of(model, settings(1, 16, 1)).cache()).isEqualTo((16 + 16) * 256 * 2);
    }

    @Test
    void the_type_of_the_caches_counts() {
        ModelSummary model = new ModelSummary(4, 1024, 1_000_000, 1000, 256);
        ServeSettings bytes = new ServeSettings(
                Path.of("m.gguf"),
                List.of(Place.CPU),
                16,
                1,
                "127.0.0.1",
                8080,
                2,
                KvType.Q8_0,
                CpuKernels.AUTO,
                "auto");
        ServeSettings floats = new ServeSettings(
                Path.of("m.gguf"),
                List.of(Place.CPU),
                16,
                1,
                "127.0.0.1",
                8080,
                2,
                KvType.F32,
                CpuKernels.AUTO,
                "auto");

        assertThat(MemoryEstimate.of(model, bytes).cache()).isEqualTo(32 * 256 * 34 / 32);
        assertThat(MemoryEstimate.of(model, floats).cache()).isEqualTo(32 * 256 * 4);
    }

    @Test
    void stages_on_the_cpu_take_all_of_it_from_the_machine() {
        MemoryEstimate estimate = MemoryEstimate.of(new ModelSummary(4, 1024, 3_000_001, 0, 256), settings(3, 16, 1));

        assertThat(estimate.demands())
                .containsExactly(new MemoryDemand(Place.CPU, 3_000_001, estimate.cache(), 5 * PROCESS_BYTES));
    }

    @Test
    void each_device_takes_the_share_of_its_stages_and_the_machine_only_processes_and_buffers() {
        ModelSummary model = new ModelSummary(4, 1024, 4_000_000, 0, 256);

        MemoryEstimate estimate =
                MemoryEstimate.of(model, settings(List.of(Place.cuda(1), Place.cuda(0), Place.cuda(0)), 16, 1));

        long cache = estimate.cache();
        assertThat(estimate.demands())
                .containsExactly(
                        new MemoryDemand(Place.CPU, 0, 0, 5 * PROCESS_BYTES + 3 * PINNED_BYTES),
                        new MemoryDemand(Place.cuda(0), 4_000_000L / 3 * 2, cache / 3 * 2, 2 * CONTEXT_BYTES),
                        new MemoryDemand(Place.cuda(1), 4_000_000L / 3, cache / 3, CONTEXT_BYTES));
    }

    @Test
    void a_pipeline_of_both_kinds_takes_from_both() {
        ModelSummary model = new ModelSummary(4, 1024, 4_000_000, 0, 256);

        assertThat(MemoryEstimate.of(model, settings(List.of(Place.cuda(0), Place.CPU), 16, 1))
                        .demands())
                .extracting(MemoryDemand::weights)
                .containsExactly(2_000_000L, 2_000_000L);
    }

    @Test
    void too_little_memory_is_refused_with_the_numbers() {
        MemoryDemand demand = new MemoryDemand(Place.CPU, 4_000_000_000L, 2_000_000_000L, 600_000_000L);
        MemoryEstimate estimate = new MemoryEstimate(0, 0, List.of(demand));

        assertThatCode(() -> estimate.checkAgainst(6_600_000_000L, NO_DEVICES)).doesNotThrowAnyException();
        assertThatThrownBy(() -> estimate.checkAgainst(6_599_999_999L, NO_DEVICES))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "too little memory: 4.00 GB of weights, 2.00 GB of KV cache and 600.0 MB for the"
                                + " processes are needed, 6.60 GB are available");
        assertThatThrownBy(() -> new MemoryDemand(Place.CPU, 1, Long.MAX_VALUE, 1).checkAgainst(1L << 40))
                .isInstanceOf(UserError.class);
    }

    @Test
    void a_device_without_the_memory_is_refused_with_who_has_it() {
        CudaDevice device = new CudaDevice(
                1,
                "NVIDIA H100",
                "9.0",
                80_000_000_000L,
                9_999_999_999L,
                "",
                List.of(new DeviceUser(4711, "/usr/bin/python3", 69_000_000_000L), new DeviceUser(12, "", 0)));
        MemoryEstimate estimate = new MemoryEstimate(
                0,
                0,
                List.of(
                        new MemoryDemand(Place.CPU, 0, 0, 1),
                        new MemoryDemand(Place.cuda(1), 7_000_000_000L, 2_000_000_000L, 1_000_000_000L)));

        assertThatThrownBy(() -> estimate.checkAgainst(1, new DeviceReport("", List.of(device))))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("too little memory on cuda:1 (NVIDIA H100): 7.00 GB of weights, 2.00 GB of KV"
                        + " cache and 1.00 GB for the processes are needed, 10.00 GB of 80.00 GB are free, taken by"
                        + " python3 (process 4711) with 69.00 GB and process 12; try a smaller --ctx");
    }

    @Test
    void what_is_available_is_what_linux_would_give() {
        assertThat(AvailableMemory.fromSystem(List.of("MemTotal: 10 kB", "MemFree: 1 kB", "MemAvailable:  5 kB")))
                .isEqualTo(5 * 1024);
        assertThat(AvailableMemory.bytes()).isPositive();
    }

    private static GgufWriter model() {
        return new GgufWriter()
                .string("general.architecture", "llama")
                .uint32("llama.block_count", 4)
                .uint32("llama.context_length", 512)
                .uint32("llama.embedding_length", 64)
                .uint32("llama.attention.head_count", 4)
                .float32Tensor("token_embd.weight", new float[1024], 64, 16);
    }

    private static ServeSettings settings(int stages, int contextLength, int parallel) {
        return settings(Collections.nCopies(stages, Place.CPU), contextLength, parallel);
    }

    private static ServeSettings settings(List<Place> places, int contextLength, int parallel) {
        return new ServeSettings(
                Path.of("m.gguf"),
                places,
                contextLength,
                parallel,
                "127.0.0.1",
                8080,
                2,
                KvType.F16,
                CpuKernels.AUTO,
                "auto");
    }
}
