package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.PackedPlace;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Writes a [PackedFile] piece by piece: under a name of its own that is locked for as long as it is written, and
/// renamed when all of it is on the disk. So whoever starts meanwhile sees the old file or the new one, two that start
/// at once do not both write, and what a process left behind that ended meanwhile is removed by the next.
final class PackedWriter implements AutoCloseable {

    /// Large writes get large pages in the file cache, which are mapped as such.
    private static final int PIECE_BYTES = 8 << 20;
    /// Of the disk's free space, so much times the file has to be there.
    private static final int SPARE_FACTOR = 2;
    private static final String UNFINISHED = ".unfinished";

    private final Path target;
    private final Path unfinished;
    private final FileChannel channel;
    private final List<MemorySegment> pieces;
    private int matrix;
    private long written;

    private PackedWriter(Path target, Path unfinished, FileChannel channel, List<MemorySegment> pieces) {
        this.target = target;
        this.unfinished = unfinished;
        this.channel = channel;
        this.pieces = pieces;
    }

    /// Begins with the file of these matrices.
    ///
    /// @return null when another process is at it
    /// @throws IOException when it cannot be written here
    static @Nullable PackedWriter begin(PackedPlace place, List<CpuMatrix> matrices) throws IOException {
        List<MemorySegment> pieces = new ArrayList<>();
        pieces.add(PackedFile.header(place.key()));
        matrices.forEach(matrix -> pieces.add(matrix.weights()));
        Path target = place.file();
        Path folder = Objects.requireNonNull(target.toAbsolutePath().getParent(), "a file has a folder");
        Files.createDirectories(folder);
        if (isBeingWritten(target, folder)) {
            return null;
        }
        long bytes = pieces.stream().mapToLong(MemorySegment::byteSize).sum();
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free / SPARE_FACTOR < bytes) {
            throw new IOException(
                    "they take %d MB of a disk with %d MB left".formatted(bytes / 1_000_000, free / 1_000_000));
        }
        Path unfinished = Files.createTempFile(folder, target.getFileName() + ".", UNFINISHED);
        FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE);
        try {
            channel.lock();
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(unfinished);
            throw e;
        }
        return new PackedWriter(target, unfinished, channel, pieces);
    }

    private static boolean isBeingWritten(Path target, Path folder) throws IOException {
        try (DirectoryStream<Path> others =
                Files.newDirectoryStream(folder, target.getFileName() + ".*" + UNFINISHED)) {
            for (Path other : others) {
                if (isLocked(other)) {
                    return true;
                }
                Files.deleteIfExists(other);
            }
        }
        return false;
    }

    private static boolean isLocked(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (OverlappingFileLockException e) {
            return true;
        }
    }

    /// Writes the next piece.
    ///
    /// @return whether there is more
    boolean writeSome() throws IOException {
        if (matrix == pieces.size()) {
            return false;
        }
        MemorySegment weights = pieces.get(matrix);
        long bytes = Math.min(PIECE_BYTES, weights.byteSize() - written);
        ByteBuffer piece = weights.asSlice(written, bytes).asByteBuffer();
        while (piece.hasRemaining()) {
            channel.write(piece);
        }
        written += bytes;
        if (written == weights.byteSize()) {
            written = 0;
            matrix++;
            pad();
        }
        return true;
    }

    private void pad() throws IOException {
        long over = channel.position() % PackedFile.PAGE_BYTES;
        if (over > 0) {
            ByteBuffer zeros = ByteBuffer.allocate((int) (PackedFile.PAGE_BYTES - over));
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
        }
    }

    /// Puts the whole file in its place.
    void finish() throws IOException {
        channel.force(true);
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /// Removes what was not finished.
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(unfinished);
    }
}
