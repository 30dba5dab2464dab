package dev.millrace.worker.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.PackedPlace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedFileTest {

    private static final TensorType[] TYPES = {TensorType.Q4_K, TensorType.Q8_0, TensorType.F16};
    private static final int ROWS = 100;
    private static final int COLUMNS = 512;

    @TempDir
    private Path folder = Path.of("");

    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> sources = List.of(source(TYPES[0]), source(TYPES[1]), source(TYPES[2]));
    private final List<CpuMatrix> packed = List.of(packed(0), packed(1), packed(2));

    @AfterEach
    void free() {
        arena.close();
    }

    private MemorySegment source(TensorType type) {
        byte[] bytes = new byte[(int) type.rowBytes(COLUMNS) * ROWS];
        new Random(1).nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    private static CpuMatrix shape(int index, MemorySegment weights) {
        return new CpuMatrix(TYPES[index], ROWS, COLUMNS, RowLayout.of(TYPES[index]), weights);
    }

    private CpuMatrix packed(int index) {
        long bytes = CpuMatrix.bytes(RowLayout.of(TYPES[index]), ROWS, COLUMNS);
        CpuMatrix matrix = shape(index, arena.allocate(bytes + Lanes.OVERREAD_BYTES, 64));
        PackTask task = new PackTask(sources.get(index), matrix);
        for (int group = 0; group < matrix.groups(); group++) {
            task.run(group, 0);
        }
        return matrix;
    }

    private PackedPlace place(String key) {
        return new PackedPlace(folder.resolve("cache/m.gguf.layers"), key);
    }

    private void write(String key) throws IOException {
        try (PackedWriter writer = PackedWriter.begin(place(key), packed)) {
            assertThat(writer).isNotNull();
            finish(writer);
        }
    }

    private static void finish(@Nullable PackedWriter writer) throws IOException {
        if (writer != null) {
            boolean more = true;
            while (more) {
                more = writer.writeSome();
            }
            writer.finish();
        }
    }

    private @Nullable MemorySegment take(PackedFile file, int index) {
        return file.take(shape(index, MemorySegment.NULL), sources.get(index));
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(folder.resolve("cache"))) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    @Test
    void what_was_written_is_mapped_as_it_was_packed() throws IOException {
        write("key");
        assertThat(files()).containsExactly("m.gguf.layers");
        PackedFile file = PackedFile.open(place("key"), arena);
        for (int index = 0; index < TYPES.length; index++) {
            MemorySegment weights = take(file, index);
            assertThat(weights == null ? 0 : packed.get(index).weights().mismatch(weights))
                    .isEqualTo(-1);
            assertThat(weights == null ? 1 : weights.address() % 64).isZero();
        }
        assertThat(file.isEmpty()).isFalse();
    }

    @Test
    void a_missing_file_or_one_of_another_model_gives_nothing() throws IOException {
        assertThat(take(PackedFile.open(null, arena), 0)).isNull();
        assertThat(take(PackedFile.open(place("key"), arena), 0)).isNull();
        write("key");
        assertThat(take(PackedFile.open(place("other key"), arena), 0)).isNull();
    }

    @Test
    void a_model_that_changed_unnoticed_gives_nothing() throws IOException {
        write("key");
        PackedFile file = PackedFile.open(place("key"), arena);
        sources.get(0).set(ValueLayout.JAVA_BYTE, TYPES[0].rowBytes(COLUMNS) * 30, (byte) 99);
        assertThat(take(file, 0)).isNull();
        assertThat(take(file, 1)).isNull();
        assertThat(file.isEmpty()).isTrue();
    }

    @Test
    void a_file_that_turns_out_wrong_after_some_of_it_was_used_is_refused() throws IOException {
        write("key");
        PackedFile file = PackedFile.open(place("key"), arena);
        assertThat(take(file, 0)).isNotNull();
        sources.get(1).set(ValueLayout.JAVA_BYTE, TYPES[1].rowBytes(COLUMNS) * 70, (byte) 99);
        assertThatThrownBy(() -> take(file, 1))
                .hasMessageContaining("m.gguf.layers are not those of the model; remove that file");
    }

    @Test
    void a_file_that_was_cut_gives_what_is_there_whole() throws IOException {
        write("key");
        try (FileChannel channel = FileChannel.open(place("key").file(), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - PackedFile.PAGE_BYTES);
        }
        PackedFile file = PackedFile.open(place("key"), arena);
        assertThat(take(file, 0)).isNotNull();
        assertThat(take(file, 1)).isNotNull();
        assertThat(take(file, 2)).isNull();
        Files.write(place("key").file(), new byte[10]);
        assertThat(PackedFile.open(place("key"), arena).isEmpty()).isTrue();
    }

    @Test
    void one_writes_at_a_time_and_a_file_appears_when_it_is_whole() throws IOException {
        try (PackedWriter first = PackedWriter.begin(place("key"), packed)) {
            assertThat(first).isNotNull();
            assertThat(PackedWriter.begin(place("key"), packed)).isNull();
            assertThat(place("key").file()).doesNotExist();
            finish(first);
        }
        assertThat(place("key").file()).exists();
    }

    @Test
    void what_was_not_finished_is_removed_by_the_next() throws IOException {
        Files.createDirectories(folder.resolve("cache"));
        Files.createFile(folder.resolve("cache/m.gguf.layers.17.unfinished"));
        try (PackedWriter given = PackedWriter.begin(place("key"), packed)) {
            assertThat(given).isNotNull();
            assertThat(files()).hasSize(1).doesNotContain("m.gguf.layers.17.unfinished");
        }
        assertThat(files()).isEmpty();
    }
}
