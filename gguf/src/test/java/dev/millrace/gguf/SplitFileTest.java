package dev.millrace.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void any_part_opens_the_whole_model(int part) throws IOException {
        writeParts(3);

        try (GgufFile file = GgufFile.open(part(part))) {
            assertThat(file.paths()).containsExactly(part(1), part(2), part(3));
            assertThat(file.tensors()).extracting(GgufTensor::name).containsExactly("t1", "t2", "t3");
            assertThat(file.metadata().string("general.architecture")).isEqualTo("llama");
            float[] value = new float[1];
            file.requireTensor("t3").type().dequantize(file.requireTensor("t3").data(), 0, value, 0, 1);
            assertThat(value).containsExactly(3);
        }
    }

    @Test
    void the_digest_covers_all_parts() throws IOException {
        writeParts(3);
        String digest = digest();

        writer(3, 3).string("more", "x").write(part(3));

        assertThat(digest()).isNotEqualTo(digest);
    }

    @Test
    void a_missing_part_is_named() throws IOException {
        writeParts(3);
        Files.delete(part(2));

        assertRefused(part(1), "part 2 of 3 is missing: model-00002-of-00003.gguf is not there");
    }

    @Test
    void parts_in_the_wrong_order_are_refused() throws IOException {
        writeParts(3);
        Files.copy(part(3), folder.resolve("swap"));
        Files.move(part(2), part(3), StandardCopyOption.REPLACE_EXISTING);
        Files.move(folder.resolve("swap"), part(2));

        assertRefused(part(1), "split.no is 2, but it must be 1 here; the parts do not belong together");
    }

    @Test
    void a_part_under_another_name_is_refused() throws IOException {
        writeParts(3);
        Path renamed = Files.move(part(1), folder.resolve("model.gguf"));

        assertRefused(renamed, "the file is a part of 3, so its name must end in -00001-of-00003.gguf");
    }

    @Test
    void a_wrong_tensor_count_is_refused() throws IOException {
        writeParts(3);
        writer(2, 3).float32Tensor("extra", new float[] {1}, 1).write(part(2));

        assertRefused(part(1), "split.tensors.count is 3, but it must be 4 here");
    }

    @Test
    void a_tensor_in_two_parts_is_refused() throws IOException {
        writeParts(3);
        keys(2, 3).float32Tensor("t1", new float[] {1}, 1).write(part(2));

        assertRefused(part(1), "tensor 't1' is in another part too");
    }

    @Test
    void a_damaged_part_is_named() throws IOException {
        writeParts(2);
        Files.write(folder.resolve("model-00002-of-00002.gguf"), new byte[] {'G', 'G', 'U', 'F', 3});

        assertRefused(folder.resolve("model-00001-of-00002.gguf"), "model-00002-of-00002.gguf: the file ends in");
    }

    private void writeParts(int count) throws IOException {
        for (int part = 1; part <= count; part++) {
            writer(part, count).write(folder.resolve("model-%05d-of-%05d.gguf".formatted(part, count)));
        }
    }

    private static GgufWriter writer(int part, int count) {
        return keys(part, count).float32Tensor("t" + part, new float[] {part}, 1);
    }

    private static GgufWriter keys(int part, int count) {
        GgufWriter writer = part == 1 ? new GgufWriter().string("general.architecture", "llama") : new GgufWriter();
        return writer.uint16("split.no", part - 1).uint16("split.count", count).int32("split.tensors.count", count);
    }

    private Path part(int part) {
        return folder.resolve("model-%05d-of-00003.gguf".formatted(part));
    }

    private String digest() throws IOException {
        try (GgufFile file = GgufFile.open(part(1))) {
            return file.digest();
        }
    }

    private static void assertRefused(Path path, String message) {
        assertThatThrownBy(() -> GgufFile.open(path))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining(message);
    }
}
