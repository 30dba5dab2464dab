package dev.millrace.cli.bench.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.cli.UserError;
import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.gguf.GgufWriter;
import dev.millrace.gguf.TensorType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticModelTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @ParameterizedTest
    @EnumSource
    void every_type_is_written_and_read_back(FileType type) throws IOException {
        for (String shape : List.of("tiny-qwen2", "tiny-llama")) {
            try (GgufFile file = written(shape, type, 1)) {
                assertThat(file.metadata().integer("general.file_type")).isEqualTo(type.id());
                GgufTensor up = file.requireTensor("blk.7.ffn_up.weight");
                assertThat(size(up)).isCloseTo(1 / Math.sqrt(up.columns()), within(0.005));
            }
        }
    }

    /// Parameters as the makers give them, in millions.
    @ParameterizedTest
    @CsvSource({
        "qwen2.5-0.5b, 494",
        "qwen2.5-1.5b, 1544",
        "qwen2.5-3b, 3086",
        "qwen2.5-7b, 7616",
        "qwen2.5-14b, 14770",
        "qwen2.5-32b, 32764",
        "llama-3.2-1b, 1236",
        "llama-3.2-3b, 3213",
        "llama-3.1-8b, 8030"
    })
    void shapes_have_the_published_number_of_parameters(String shape, long millions) {
        long bytes = SyntheticModel.of(Shapes.named(shape), FileType.F32, 1).byteSize();

        // Beside the weights there are a few megabytes of vocabulary.
        assertThat(bytes / 4e6).isCloseTo(millions, within(3.5));
    }

    @Test
    void the_seed_decides_the_weights() throws IOException {
        byte[] first = bytes("a", 1);

        assertThat(bytes("b", 1)).isEqualTo(first);
        assertThat(bytes("c", 2)).isNotEqualTo(first);
    }

    @Test
    void rows_differ() throws IOException {
        try (GgufFile file = written("tiny-qwen2", FileType.Q8_0, 1)) {
            GgufTensor embedding = file.requireTensor("token_embd.weight");
            var rows = new HashSet<Float>();
            float[] row = new float[256];
            for (int index = 0; index < 1000; index++) {
                embedding
                        .type()
                        .dequantize(embedding.data(), index * embedding.type().rowBytes(256), row, 0, 256);
                rows.add(row[0] + row[100] + row[200]);
            }
            assertThat(rows).hasSizeGreaterThan(990);
        }
    }

    @Test
    void a_family_has_its_own_tensors_and_keys() throws IOException {
        try (GgufFile file = written("tiny-qwen2", FileType.Q4_K_M, 1)) {
            assertThat(file.tensor("blk.0.attn_q.bias")).isPresent();
            assertThat(file.tensor("output.weight")).isEmpty();
            assertThat(file.tensor("rope_freqs.weight")).isEmpty();
            assertThat(file.requireTensor("token_embd.weight").type()).isEqualTo(TensorType.Q6_K);
            assertThat(file.metadata().integer("tokenizer.ggml.eos_token_id")).isEqualTo(999);
            assertThat(file.metadata().strings("tokenizer.ggml.tokens"))
                    .hasSize(1000)
                    .doesNotHaveDuplicates();
        }
        try (GgufFile file = written("tiny-llama", FileType.Q4_K_M, 1)) {
            assertThat(file.tensor("blk.0.attn_q.bias")).isEmpty();
            assertThat(file.tensor("output.weight")).isPresent();
            assertThat(file.requireTensor("rope_freqs.weight").elementCount()).isEqualTo(16);
            assertThat(file.requireTensor("blk.0.attn_q.weight").type()).isEqualTo(TensorType.Q5_0);
        }
    }

    /// The values that llama.cpp's converter writes for Llama 3.2 1B: 1, then between, then 32.
    @Test
    void slow_rotations_are_slowed() {
        float[] factors = RopeFactors.of(64, 500_000, 32);

        assertThat(factors).hasSize(32);
        assertThat(factors[0]).isEqualTo(1);
        assertThat(factors[14]).isEqualTo(1);
        assertThat(factors[31]).isEqualTo(32);
        assertThat(factors).isSorted();
    }

    @Test
    void too_little_space_is_found_before_writing() {
        assertThatThrownBy(() -> NewFile.checkSpace(20L << 30, 5L << 20, folder))
                .isInstanceOf(UserError.class)
                .hasMessage("the file needs 20.00 GiB, but " + folder + " has only 5.0 MiB left");
    }

    @Test
    void a_disk_that_fills_up_is_named_and_nothing_is_left_behind() {
        IOException full = new IOException("No space left on device");
        GgufWriter model = new GgufWriter()
                .tensor(
                        "t",
                        TensorType.F32,
                        out -> {
                            throw full;
                        },
                        8);

        assertThatThrownBy(() -> NewFile.write(model, folder.resolve("model.gguf")))
                .isSameAs(full);
        assertThat(folder).isEmptyDirectory();
        assertThat(NewFile.describe(full)).isEqualTo("No space left on device");
    }

    private GgufFile written(String shape, FileType type, long seed) throws IOException {
        Path path = folder.resolve(shape + type + seed);
        NewFile.write(SyntheticModel.of(Shapes.named(shape), type, seed), path);
        return GgufFile.open(path);
    }

    private byte[] bytes(String name, long seed) throws IOException {
        Path path = folder.resolve(name);
        NewFile.write(SyntheticModel.of(Shapes.named("tiny-llama"), FileType.Q4_0, seed), path);
        try (GgufFile file = GgufFile.open(path)) {
            // Weights alone: the description has the seed in it.
            return file.requireTensor("blk.3.ffn_down.weight").data().toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static double size(GgufTensor tensor) {
        float[] values = new float[(int) tensor.elementCount()];
        tensor.type().dequantize(tensor.data(), 0, values, 0, values.length);
        double squares = 0;
        for (float value : values) {
            squares += value * value;
        }
        return Math.sqrt(squares / values.length);
    }
}
