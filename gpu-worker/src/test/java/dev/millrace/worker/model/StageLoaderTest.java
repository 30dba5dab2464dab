package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.reference.ReferenceDevice;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import dev.millrace.worker.weights.UnusableModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageLoaderTest {

    private static final StepLimits LIMITS = new StepLimits(32, 4, 128, 16, TinyModel.TOKEN_IDS);

    @TempDir
    private Path folder = Path.of("");

    private MemoryUse load(TinyModel model, LayerSpan span) throws IOException {
        try (GgufFile file = GgufFile.open(model.write(folder));
                Device device = new CpuDevice(1)) {
            MemoryUse planned = StageLoader.plan(file, span, LIMITS, device);
            LoadedStage loaded = StageLoader.load(file, span, LIMITS, device, Optional.empty(), LoadProgress.IGNORED);
            loaded.model().close();
            assertThat(loaded.memory()).isEqualTo(planned);
            return planned;
        }
    }

    @Test
    void a_plan_is_what_loading_takes() throws IOException {
        TinyModel model = new TinyModel("llama", 6).tensor("output.weight", TinyModel.HIDDEN, TinyModel.TOKEN_IDS);
        MemoryUse first = load(model, new LayerSpan(0, 1, 3));
        MemoryUse middle = load(model, new LayerSpan(1, 1, 3));
        MemoryUse last = load(model, new LayerSpan(2, 1, 3));
        long matrix = 2L * 64 * TinyModel.HIDDEN * Float.BYTES;
        long norm = 64 * Float.BYTES;
        assertThat(first.weightBytes()).isEqualTo(middle.weightBytes() + matrix);
        assertThat(last.weightBytes()).isEqualTo(middle.weightBytes() + matrix + norm);
        // Keys and values of 16 blocks of 16 tokens: 2 heads of 6 values, of which values are padded to 16.
        assertThat(middle.kvBytes()).isEqualTo(16L * 16 * 2 * (6 + 16) * Short.BYTES);
        assertThat(last.scratchBytes()).isGreaterThan(first.scratchBytes());
        assertThat(last.totalBytes()).isEqualTo(last.weightBytes() + last.kvBytes() + last.scratchBytes());
    }

    @Test
    void tied_embeddings_are_held_once() throws IOException {
        TinyModel untied = new TinyModel("llama", 6).tensor("output.weight", TinyModel.HIDDEN, TinyModel.TOKEN_IDS);
        long both = load(untied, LayerSpan.all(3)).weightBytes();
        long once = load(new TinyModel("llama", 6), LayerSpan.all(3)).weightBytes();
        assertThat(both - once).isEqualTo(2L * 64 * TinyModel.HIDDEN * Float.BYTES);
        MemoryUse last = load(new TinyModel("llama", 6), new LayerSpan(2, 1, 3));
        assertThat(last).isEqualTo(load(untied, new LayerSpan(2, 1, 3)));
    }

    @Test
    void progress_ends_with_everything() throws IOException {
        List<Long> seen = new ArrayList<>();
        try (GgufFile file = GgufFile.open(new TinyModel("qwen2", 6).write(folder));
                Device device = new CpuDevice(1)) {
            LoadProgress progress = (loaded, total) -> {
                assertThat(loaded).isPositive().isLessThanOrEqualTo(total);
                seen.add(total - loaded);
            };
            StageLoader.load(file, new LayerSpan(1, 2, 3), LIMITS, device, Optional.empty(), progress)
                    .model()
                    .close();
        }
        assertThat(seen).isSortedAccordingTo((a, b) -> Long.compare(b, a)).endsWith(0L);
    }

    @Test
    void a_missing_tensor_is_named_with_its_shape() {
        assertThatThrownBy(() -> load(new TinyModel("llama", 6).without("blk.1.ffn_up.weight"), LayerSpan.all(3)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("tiny.gguf")
                .hasMessageContaining("\"blk.1.ffn_up.weight\" [40, 24] is missing");
        assertThatThrownBy(() -> load(new TinyModel("qwen2", 6).without("blk.2.attn_k.bias"), LayerSpan.all(3)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("blk.2.attn_k.bias");
        assertThatThrownBy(() -> load(new TinyModel("qwen3", 10).without("blk.0.attn_q_norm.weight"), LayerSpan.all(3)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("blk.0.attn_q_norm.weight");
    }

    @Test
    void a_stage_does_not_miss_what_others_hold() throws IOException {
        MemoryUse middle = load(new TinyModel("llama", 6).without("output_norm.weight"), new LayerSpan(1, 1, 3));
        assertThat(middle.weightBytes()).isPositive();
    }

    @Test
    void a_wrong_shape_is_named_with_the_right_one() {
        TinyModel model = new TinyModel("llama", 6).tensor("blk.0.attn_k.weight", TinyModel.HIDDEN, 13);
        assertThatThrownBy(() -> load(model, LayerSpan.all(3)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("\"blk.0.attn_k.weight\" is [13, 24]")
                .hasMessageContaining("[12, 24]");
    }

    @Test
    void tensors_that_would_be_left_out_are_refused() {
        TinyModel model = new TinyModel("llama", 6).tensor("blk.1.attn_q_norm.weight", 6);
        assertThatThrownBy(() -> load(model, LayerSpan.all(3)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("\"blk.1.attn_q_norm.weight\" is not known");
    }

    @Test
    void a_stage_of_another_model_is_refused() {
        assertThatThrownBy(() -> load(new TinyModel("llama", 6), new LayerSpan(0, 2, 4)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("has 3 layers");
    }

    /// Every family, with biases or scaling where it has them, over two stages on the device under test.
    @ParameterizedTest
    @CsvSource({"llama, 6, none", "llama, 12, linear", "qwen2, 6, yarn", "qwen3, 10, none"})
    void families_compute_the_same_on_both_devices(String architecture, int headSize, String scaling)
            throws IOException {
        TinyModel model = new TinyModel(architecture, headSize)
                .text("rope.scaling.type", scaling)
                .number("rope.scaling.factor", 2f)
                .number("rope.dimension_count", headSize - 2)
                .tensor("blk.1.attn_output.bias", TinyModel.HIDDEN);
        Path path = model.write(folder);
        int[] prompt = {3, 69, 0, 21, 21, 5, 40, 33, 8, 9, 10, 11, 60, 61, 62, 63, 64, 1, 2};
        try (Device reference = new ReferenceDevice();
                Device cpu = new CpuDevice(1);
                Pipeline one = new Pipeline(path, reference, 1, 32, 4, 16);
                Pipeline two = new Pipeline(path, cpu, 2, 32, 4, 16)) {
            assertThat(two.greedy(prompt, 40, 5)).isEqualTo(one.greedy(prompt, 40, 32));
        }
    }
}
