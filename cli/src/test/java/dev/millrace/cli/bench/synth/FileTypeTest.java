package dev.millrace.cli.bench.synth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FileTypeTest {
    @Test
    void a_mix_gives_more_bits_to_the_ends_and_every_third_layer() {
        assertThat(layersOf(TensorType.Q6_K, FileType.Q4_K_M, 16)).containsExactly(0, 1, 4, 7, 10, 13, 14, 15);
        assertThat(layersOf(TensorType.Q6_K, FileType.Q5_K_M, 8)).containsExactly(0, 3, 6, 7);
        assertThat(layersOf(TensorType.Q4_0, FileType.Q4_0, 8)).hasSize(8);
    }

    @ParameterizedTest
    @CsvSource({
        "F32, F32",
        "F16, F16",
        "BF16, BF16",
        "Q8_0, Q8_0",
        "Q4_0, Q6_K",
        "Q5_1, Q6_K",
        "Q4_K_M, Q6_K",
        "Q5_K_M, Q6_K",
        "Q6_K, Q6_K"
    })
    void the_output_matrix_has_6_bits_or_what_is_better(FileType type, TensorType output) {
        assertThat(type.of(MatrixRole.OUTPUT, 0, 16, 2048)).isEqualTo(output);
    }

    @ParameterizedTest
    @CsvSource({"Q4_K_M, Q5_0, Q8_0", "Q5_K_M, Q5_1, Q8_0", "Q6_K, Q8_0, Q8_0", "Q4_0, Q4_0, Q8_0"})
    void rows_that_are_no_whole_blocks_of_256_fall_back(FileType type, TensorType other, TensorType output) {
        assertThat(type.of(MatrixRole.OTHER, 0, 24, 896)).isEqualTo(other);
        assertThat(type.of(MatrixRole.OUTPUT, 0, 24, 896)).isEqualTo(output);
    }

    @ParameterizedTest
    @EnumSource
    void an_embedding_alone_is_like_most_matrices(FileType type) {
        assertThat(type.of(MatrixRole.EMBEDDING, 0, 32, 4096)).isEqualTo(type.of(MatrixRole.OTHER, 0, 32, 4096));
    }

    private static List<Integer> layersOf(TensorType wanted, FileType type, int layers) {
        return IntStream.range(0, layers)
                .filter(layer -> type.of(MatrixRole.FEED_FORWARD_DOWN, layer, layers, 1024) == wanted
                        && type.of(MatrixRole.ATTENTION_VALUE, layer, layers, 1024) == wanted)
                .boxed()
                .toList();
    }
}
