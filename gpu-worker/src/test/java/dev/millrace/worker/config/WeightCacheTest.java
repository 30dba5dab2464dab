package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.kernel.PackedPlace;
import dev.millrace.worker.weights.LayerSpan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightCacheTest {

    @TempDir
    private Path folder = Path.of("");

    private PackedPlace place(String choice, Path model, LayerSpan span) throws IOException {
        try (GgufFile file = GgufFile.open(model)) {
            return new WeightCache(choice).place(file, span);
        }
    }

    @Test
    void weights_are_kept_beside_the_model_or_where_the_user_says() throws IOException {
        Path model = Files.copy(DemoModel.PATH, folder.resolve("m.gguf"));
        LayerSpan span = new LayerSpan(2, 2, 4);
        assertThat(place("auto", model, span).file()).isEqualTo(folder.resolve(".millrace/m.gguf.layers-2-3-of-4"));
        assertThat(place("/elsewhere", model, span).file()).isEqualTo(Path.of("/elsewhere/m.gguf.layers-2-3-of-4"));
        assertThat(new WeightCache("off").isOff()).isTrue();
    }

    @Test
    void other_layers_and_other_files_have_other_keys() throws IOException {
        Path model = Files.copy(DemoModel.PATH, folder.resolve("m.gguf"));
        String key = place("auto", model, new LayerSpan(0, 2, 4)).key();
        assertThat(place("auto", model, new LayerSpan(0, 2, 4)).key()).isEqualTo(key);
        assertThat(place("auto", model, new LayerSpan(2, 2, 4)).key()).isNotEqualTo(key);
        Files.setLastModifiedTime(model, FileTime.fromMillis(1));
        assertThat(place("auto", model, new LayerSpan(0, 2, 4)).key()).isNotEqualTo(key);
    }
}
