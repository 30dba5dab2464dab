package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.gguf.GgufException;
import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.weights.UnusableModelException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigurationTest {

    @TempDir
    private Path folder = Path.of("");

    private ModelConfiguration read(TinyModel model) throws IOException {
        try (GgufFile file = GgufFile.open(model.write(folder))) {
            return ModelConfiguration.read(file);
        }
    }

    @Test
    void sizes_come_from_the_metadata_and_the_embedding() throws IOException {
        ModelConfiguration configuration = read(new TinyModel("llama", 6));
        assertThat(configuration.architecture()).isEqualTo("llama");
        assertThat(configuration.contextLength()).isEqualTo(256);
        assertThat(configuration.epsilon()).isEqualTo(1e-5f);
        assertThat(configuration.shape().layers()).isEqualTo(3);
        assertThat(configuration.shape().headSize()).isEqualTo(6);
        assertThat(configuration.shape().vocabulary()).isEqualTo(70);
        assertThat(configuration.rope().pairs()).isEqualTo(RopePairs.NEIGHBOURS);
        assertThat(configuration.rope().dimensions()).isEqualTo(6);
    }

    @Test
    void a_head_may_have_a_size_of_its_own() throws IOException {
        ModelConfiguration configuration = read(new TinyModel("qwen3", 10));
        assertThat(configuration.shape().querySize()).isEqualTo(40);
        assertThat(configuration.shape().kvSize()).isEqualTo(20);
        assertThat(configuration.shape().needsHeadNorm()).isTrue();
        assertThat(configuration.rope().pairs()).isEqualTo(RopePairs.HALVES);
    }

    @Test
    void an_unknown_architecture_is_refused_by_name() {
        assertThatThrownBy(() -> read(new TinyModel("gemma\u001b[31m", 6)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("tiny.gguf")
                .hasMessageContaining("\"gemma?[31m\"")
                .hasMessageContaining("llama, qwen2, qwen3");
    }

    @ParameterizedTest
    @CsvSource({
        "block_count, 0, 'from 1 to 1024'",
        "block_count, 4000000000, 'from 1 to 1024'",
        "embedding_length, 0, 'from 1 to 65536'",
        "attention.head_count, 0, 'from 1 to 1024'",
        "attention.head_count, 10, 'divide the embedding length 24'",
        "attention.head_count_kv, 3, 'divide the 4 query heads'",
        "attention.head_count_kv, 0, 'from 1 to 1024'",
        "attention.key_length, 0, 'from 1 to 1024'",
        "attention.value_length, 8, 'keys'",
        "feed_forward_length, 0, 'from 1 to 1048576'",
        "context_length, 0, 'from 1 to'",
        "rope.dimension_count, 5, 'even'",
        "rope.dimension_count, 8, 'from 1 to 6'"
    })
    void sizes_that_cannot_be_are_refused(String key, long value, String reason) {
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).number(key, value)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("tiny.gguf")
                .hasMessageContaining("llama." + key)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "attention.layer_norm_rms_epsilon, NaN",
        "attention.layer_norm_rms_epsilon, -1",
        "rope.freq_base, 0",
        "rope.freq_base, NaN",
        "rope.freq_base, Infinity"
    })
    void numbers_that_cannot_be_are_refused(String key, float value) {
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).number(key, value)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("llama." + key);
    }

    @Test
    void what_must_be_there_is_missed() {
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).without("embedding_length")))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining("llama.embedding_length");
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).without("token_embd.weight")))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("token_embd.weight");
    }

    @Test
    void models_that_compute_otherwise_are_refused() {
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).number("expert_count", 8)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("mixtures of experts");
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).notCausal()))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("causal");
    }

    @Test
    void frequencies_fall_with_the_pair() throws IOException {
        RopeFrequencies rope = read(new TinyModel("llama", 6)).rope();
        assertThat(rope.radiansPerPosition())
                .containsExactly(new double[] {1, 0.046415888336127795, 0.002154434690031884}, within(1e-15));
        assertThat(rope.magnitude()).isEqualTo(1f);
    }

    @Test
    void factors_of_the_file_divide_the_frequencies() throws IOException {
        RopeFrequencies rope = read(new TinyModel("llama", 6).tensorOf("rope_freqs.weight", 1f, 2f, 8f))
                .rope();
        assertThat(rope.radiansPerPosition())
                .containsExactly(new double[] {1, 0.046415888336127795 / 2, 0.002154434690031884 / 8}, within(1e-15));
    }

    @Test
    void broken_factors_are_refused() {
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).tensorOf("rope_freqs.weight", 1f, 2f)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("2 values instead of 3");
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).tensorOf("rope_freqs.weight", 1f, 0f, 1f)))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("the factor 0.0");
    }

    @Test
    void linear_scaling_stretches_all_positions() throws IOException {
        RopeFrequencies rope = read(new TinyModel("llama", 6)
                        .text("rope.scaling.type", "linear")
                        .number("rope.scaling.factor", 4f))
                .rope();
        assertThat(rope.radiansPerPosition()[0]).isEqualTo(0.25);
    }

    /// Computed by the formulas of the YaRN paper as the transformers library has them, for 32 values of a head.
    @Test
    void yarn_stretches_slow_pairs_only() throws IOException {
        RopeFrequencies rope = read(new TinyModel("qwen2", 32)
                        .number("rope.freq_base", 1_000_000f)
                        .number("context_length", 131_072)
                        .text("rope.scaling.type", "yarn")
                        .number("rope.scaling.factor", 4f)
                        .number("rope.scaling.original_context_length", 32_768))
                .rope();
        assertThat(rope.magnitude()).isCloseTo(1.1386294f, within(1e-6f));
        assertThat(rope.radiansPerPosition()[0]).isCloseTo(1.0, within(1e-12));
        assertThat(rope.radiansPerPosition()[6]).isCloseTo(0.0047799012641179675, within(1e-12));
        assertThat(rope.radiansPerPosition()[7]).isCloseTo(0.0016599615939631588, within(1e-12));
        assertThat(rope.radiansPerPosition()[15]).isCloseTo(5.928434264154138e-07, within(1e-15));
    }

    @Test
    void other_scalings_are_refused_by_name() {
        assertThatThrownBy(() -> read(new TinyModel("llama", 6).text("rope.scaling.type", "longrope")))
                .isInstanceOf(UnusableModelException.class)
                .hasMessageContaining("longrope")
                .hasMessageContaining("none, linear and yarn");
    }
}
