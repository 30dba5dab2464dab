package dev.millrace.worker.kernel.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.PackedPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Packed matrices of a stage in a file: a page that says what they are made of, then one matrix after another, each
/// from a page's begin on. Mapped and shared, so that they cost neither packing nor memory of their own, and processes
/// with the same stage have them once. A group of each type's first matrix and of every eighth is packed again and
/// compared, since a key does not tell everything: a file from another version, or a model that was overwritten with
/// its times kept, is not used. (More would be packed by code that is not compiled yet.)
final class PackedFile {

    private static final Logger log = LoggerFactory.getLogger(PackedFile.class);

    static final int PAGE_BYTES = 4096;

    private static final int CHECKED_OF = 8;
    private static final MemorySegment NOTHING = MemorySegment.NULL;

    private final @Nullable Path file;
    private MemorySegment content;
    private long next = PAGE_BYTES;
    private final Set<TensorType> types = EnumSet.noneOf(TensorType.class);
    private int matrices;

    private PackedFile(@Nullable Path file, MemorySegment content) {
        this.file = file;
        this.content = content;
    }

    /// The file at `place`, mapped until `arena` ends; one that gives nothing where it is missing or of no use.
    static PackedFile open(@Nullable PackedPlace place, Arena arena) {
        if (place == null || !Files.isRegularFile(place.file())) {
            return new PackedFile(null, NOTHING);
        }
        try (FileChannel channel = FileChannel.open(place.file(), StandardOpenOption.READ)) {
            MemorySegment content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            if (content.byteSize() < PAGE_BYTES
                    || content.asSlice(0, PAGE_BYTES).mismatch(header(place.key())) >= 0) {
                log.info("The packed weights in {} are of another model: they are packed again", place.file());
                return new PackedFile(place.file(), NOTHING);
            }
            LargePages.takeMapped(content);
            return new PackedFile(place.file(), content);
        } catch (IOException e) {
            // Packing again does without it.
            log.info("The packed weights in {} cannot be read: {}", place.file(), e.toString());
            return new PackedFile(place.file(), NOTHING);
        }
    }

    /// The page that begins a file with that key.
    static MemorySegment header(String key) {
        return MemorySegment.ofArray(Arrays.copyOf(("Millrace packed weights\n" + key).getBytes(UTF_8), PAGE_BYTES));
    }

    /// Bytes from one matrix to the next.
    static long paged(long bytes) {
        return Math.ceilDiv(bytes + Lanes.OVERREAD_BYTES, PAGE_BYTES) * PAGE_BYTES;
    }

    boolean isEmpty() {
        return content.equals(NOTHING);
    }

    /// The weights of the next matrix, or null when they are not there; then the file gives nothing any more.
    ///
    /// @param matrix the shape
    /// @param source rows as GGUF has them
    @Nullable
    MemorySegment take(CpuMatrix matrix, MemorySegment source) {
        long bytes = CpuMatrix.bytes(matrix.layout(), matrix.rows(), matrix.columns());
        if (next + paged(bytes) <= content.byteSize()) {
            MemorySegment weights = content.asSlice(next, bytes + Lanes.OVERREAD_BYTES);
            next += paged(bytes);
            int number = matrices++;
            boolean checked = types.add(matrix.type()) || number % CHECKED_OF == 0;
            if (!checked || isSame(matrix, source, weights, number % matrix.groups())) {
                return weights;
            }
            refuse(number);
        } else if (!isEmpty()) {
            log.info("The packed weights in {} end too early: the others are packed again", file);
        }
        content = NOTHING;
        return null;
    }

    /// What was given out before came from the same file: only a file that gave nothing yet can be done without.
    private void refuse(int given) {
        if (given > 0) {
            throw new UncheckedIOException(new IOException(
                    "the packed weights in %s are not those of the model; remove that file and start again"
                            .formatted(file)));
        }
        log.info("The packed weights in {} are of another version or model: they are packed again", file);
    }

    private static boolean isSame(CpuMatrix matrix, MemorySegment source, MemorySegment weights, int group) {
        long bytes = matrix.layout().groupBytes(matrix.columns());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(bytes, ValueLayout.JAVA_LONG.byteAlignment());
            CpuMatrix one = new CpuMatrix(matrix.type(), matrix.rows(), matrix.columns(), matrix.layout(), packed);
            new PackTask(source, one).pack(group, 0);
            return packed.mismatch(weights.asSlice(matrix.offset(group), bytes)) < 0;
        }
    }
}
