package dev.millrace.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @Test
    void tensors_give_their_bytes_in_turn_and_are_padded() throws IOException {
        GgufWriter writer = new GgufWriter()
                .tensor("a", TensorType.F32, out -> out.write(ByteBuffer.allocate(12)), 3)
                .tensor("b", TensorType.Q8_0, out -> out.write(ByteBuffer.allocate(68)), 32, 2);

        Path path = writer.write(folder.resolve("model.gguf"));

        assertThat(Files.size(path)).isEqualTo(writer.byteSize());
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.requireTensor("a").byteSize()).isEqualTo(12);
            assertThat(file.requireTensor("b").byteSize()).isEqualTo(68);
        }
    }

    @Test
    void a_tensor_that_gives_too_little_is_found_out() {
        GgufWriter writer = new GgufWriter().tensor("a", TensorType.F32, out -> {}, 3);

        assertThatThrownBy(writer::toBytes)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tensor 'a' has 12 bytes, but 0 were written");
    }

    @Test
    void a_new_file_is_no_longer_than_it_has_to_be() throws IOException {
        Path path = folder.resolve("model.gguf");
        new GgufWriter().float32Tensor("t", new float[1000], 1000).write(path);

        new GgufWriter().write(path);

        assertThat(Files.size(path)).isEqualTo(new GgufWriter().byteSize());
    }
}
