package dev.millrace.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufType;
import dev.millrace.gguf.GgufWriter;
import dev.millrace.gguf.LittleEndian;
import dev.millrace.gguf.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelReportTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @Test
    void long_arrays_and_strings_are_summarised() throws IOException {
        String report = report(new GgufWriter()
                .strings("tokens", Collections.nCopies(5000, "word"))
                .string("template", "x".repeat(1000)));

        assertThat(report)
                .contains("5000 x string ['word', 'word', 'word', 'word', 'word', 'word', 'word', 'word', ...]")
                .contains("x...' (1000 characters)");
        assertThat(report.lines().mapToInt(String::length).max().orElseThrow()).isLessThan(200);
    }

    @Test
    void nothing_in_a_file_can_steer_the_terminal() throws IOException {
        String report = report(new GgufWriter()
                .string("key\u001B[31m", "value\u001B]0;title\u0007")
                .float32Tensor("name\u001B[2J", new float[] {1}, 1));

        assertThat(report).doesNotContain("\u001B").doesNotContain("\u0007").contains("'key\\u001b[31m'");
    }

    @Test
    void every_kind_of_value_has_a_text() throws IOException {
        String report = report(new GgufWriter()
                .uint64("huge", -1)
                .float32("float", 0.5f)
                .bool("flag", true)
                .int32("negative", -7)
                .float32s("floats", 1, 2)
                .array(
                        "nested",
                        GgufType.ARRAY,
                        1,
                        new LittleEndian().int32(GgufType.UINT8.id()).int64(1).int8(9)));

        assertThat(report)
                .containsPattern("huge +uint64 +18446744073709551615")
                .containsPattern("float +float32 +0.5")
                .containsPattern("flag +bool +true")
                .containsPattern("negative +int32 +-7")
                .contains("2 x float32 [1.0, 2.0]")
                .contains("1 x array [1 x uint8 [9]]");
    }

    @Test
    void totals_are_by_type_and_over_all() throws IOException {
        String report = report(new GgufWriter()
                .tensor("a", TensorType.Q8_0, new byte[34 * 2], 32, 2)
                .tensor("b", TensorType.F32, new byte[16], 4)
                .tensor("c", TensorType.F32, new byte[16], 4));

        assertThat(report)
                .containsPattern("a +Q8_0 +32 x 2 +68 bytes")
                .containsPattern("Q8_0 +1 tensors +64 elements +68 bytes")
                .containsPattern("F32 +2 tensors +8 elements +32 bytes")
                .containsPattern("all +3 tensors +72 elements +100 bytes");
    }

    private String report(GgufWriter writer) throws IOException {
        try (GgufFile file = GgufFile.open(writer.write(folder.resolve("model.gguf")))) {
            return ModelReport.of(file);
        }
    }
}
