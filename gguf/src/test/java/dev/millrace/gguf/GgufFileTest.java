package dev.millrace.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gguf.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {8, 32, 4096})
    void tensors_are_mapped_where_the_alignment_puts_them(int alignment) throws IOException {
        Path path = new GgufWriter()
                .alignment(alignment)
                .float32Tensor("first", new float[] {1, 2, 3, 4, 5, 6}, 3, 2)
                .float32Tensor("second", new float[] {7}, 1)
                .write(folder.resolve("model.gguf"));

        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.tensors()).extracting(GgufTensor::name).containsExactly("first", "second");
            GgufTensor first = file.requireTensor("first");
            assertThat(first.dimensions()).containsExactly(3, 2);
            assertThat(first.columns()).isEqualTo(3);
            assertThat(first.rows()).isEqualTo(2);
            assertThat(first.elementCount()).isEqualTo(6);
            assertThat(first.byteSize()).isEqualTo(24);
            assertThat(first.data().isReadOnly()).isTrue();
            assertThat(values(first)).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(values(file.requireTensor("second"))).containsExactly(7);
            assertThat(file.tensor("third")).isEmpty();
            assertThatThrownBy(() -> file.requireTensor("third"))
                    .isInstanceOf(GgufException.class)
                    .hasMessageEndingWith("model.gguf: tensor 'third' is missing");
        }
    }

    @Test
    void a_closed_file_is_unmapped() throws IOException {
        Path path = new GgufWriter().float32Tensor("t", new float[] {1}, 1).write(folder.resolve("model.gguf"));
        GgufFile file = GgufFile.open(path);
        GgufTensor tensor = file.requireTensor("t");

        file.close();

        assertThat(tensor.data().scope().isAlive()).isFalse();
    }

    @Test
    void a_file_that_cannot_be_read_is_an_io_exception() {
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("none.gguf"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> GgufFile.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("is not a regular file");
    }

    @Test
    void an_empty_file_is_refused() throws IOException {
        Path path = Files.createFile(folder.resolve("empty.gguf"));

        assertThatThrownBy(() -> GgufFile.open(path))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining("the file ends in the magic number");
    }

    @Test
    void the_digest_tells_headers_and_sizes_apart_but_not_weights() throws IOException {
        String digest = digest(new GgufWriter().uint32("k", 1).float32Tensor("t", new float[] {1}, 1));

        assertThat(digest).matches("[0-9a-f]{64}");
        assertThat(digest(new GgufWriter().uint32("k", 1).float32Tensor("t", new float[] {2}, 1)))
                .isEqualTo(digest);
        assertThat(digest(new GgufWriter().uint32("k", 2).float32Tensor("t", new float[] {1}, 1)))
                .isNotEqualTo(digest);
    }

    @Test
    void real_vocabularies_open_and_are_utf8() throws IOException {
        try (Stream<Path> files = Files.list(SharedData.folder("data").resolve("vocab"))) {
            for (Path path : files.filter(GgufFileTest::isReadable).toList()) {
                try (GgufFile file = GgufFile.open(path)) {
                    assertThat(file.tensors()).isEmpty();
                    assertThat(file.version()).isIn(2, 3);
                    StringArray tokens = (StringArray)
                            file.metadata().find("tokenizer.ggml.tokens").orElseThrow();
                    assertThat(tokens.size()).isGreaterThan(30_000);
                    for (int token = 0; token < tokens.size(); token++) {
                        assertThat(tokens.string(token).getBytes(UTF_8)).isEqualTo(tokens.bytes(token));
                    }
                }
            }
        }
    }

    @Test
    void version_1_is_refused_by_name() {
        Path path = SharedData.folder("data").resolve("vocab/llama-63bfaf.gguf");

        assertThatThrownBy(() -> GgufFile.open(path))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining("GGUF version 1 is too old");
    }

    private static boolean isReadable(Path path) {
        return path.toString().endsWith(".gguf") && !path.endsWith("llama-63bfaf.gguf");
    }

    private String digest(GgufWriter writer) throws IOException {
        try (GgufFile file = GgufFile.open(writer.write(folder.resolve("digest.gguf")))) {
            return file.digest();
        }
    }

    private static float[] values(GgufTensor tensor) {
        float[] values = new float[(int) tensor.elementCount()];
        tensor.type().dequantize(tensor.data(), 0, values, 0, values.length);
        return values;
    }
}
