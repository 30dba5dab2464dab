package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.Event;
import dev.millrace.worker.kernel.cuda.driver.Owners;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.lang.foreign.MemorySegment;

/// Brings weights to the device through two pinned buffers in turn: while the device reads one, the other is filled
/// from
/// the file. Nothing is waited for but a buffer's turn and [#finish].
final class WeightUpload implements AutoCloseable {

    /// Of each buffer: enough to keep a copy going for milliseconds.
    static final long CHUNK_BYTES = 64 << 20;

    private static final int SLOTS = 2;

    private final Driver driver;
    private final Stream stream;
    private final long chunkBytes;
    private final Owners owners = new Owners();
    private final PinnedBuffer[] pinned = new PinnedBuffer[SLOTS];
    private final Event[] copied = new Event[SLOTS];
    private final DeviceArray raw;
    private int slot;

    /// @param chunkBytes of each of the buffers: two in the host's memory, one on the device
    WeightUpload(Driver driver, Stream stream, long chunkBytes) {
        this.driver = driver;
        this.stream = stream;
        this.chunkBytes = chunkBytes;
        try {
            for (int i = 0; i < SLOTS; i++) {
                pinned[i] = owners.add(new PinnedBuffer(driver, chunkBytes, "loading weights"));
                copied[i] = owners.add(new Event(driver, false));
                copied[i].record(stream);
            }
            raw = owners.add(new DeviceArray(driver, chunkBytes, "loading weights"));
        } catch (RuntimeException | Error e) {
            owners.close();
            throw e;
        }
    }

    /// What is done with rows once they are on the device, in the file's layout, at `address`; work on the stream.
    interface Rows {
        void take(long address, int firstRow, int rows);
    }

    /// Copies as it is.
    void copy(MemorySegment data, long to) {
        for (long done = 0; done < data.byteSize(); done += chunkBytes) {
            stage(data, done, Math.min(chunkBytes, data.byteSize() - done), to + done);
        }
    }

    /// Copies rows, some whole tiles of them at a time.
    ///
    /// @throws IllegalArgumentException where not even one tile's rows fit a buffer
    void copyRows(MemorySegment data, long rowBytes, int rows, Rows use) {
        int most = (int) Math.min(Integer.MAX_VALUE - MatrixLayout.TILE_ROWS, chunkBytes / rowBytes);
        int chunkRows = most / MatrixLayout.TILE_ROWS * MatrixLayout.TILE_ROWS;
        if (chunkRows == 0) {
            throw new IllegalArgumentException("rows of %d bytes are too long: %d of them go to the device in %d bytes"
                    .formatted(rowBytes, MatrixLayout.TILE_ROWS, chunkBytes));
        }
        for (int first = 0; first < rows; first += chunkRows) {
            int count = Math.min(chunkRows, rows - first);
            // One place on the device is enough: what is on the stream is done in order.
            stage(data, first * rowBytes, count * rowBytes, raw.address());
            use.take(raw.address(), first, count);
        }
    }

    private void stage(MemorySegment data, long from, long bytes, long to) {
        copied[slot].await();
        MemorySegment.copy(data, from, pinned[slot].segment(), 0, bytes);
        driver.copyToDevice(to, pinned[slot].address(), bytes, stream.handle());
        copied[slot].record(stream);
        slot = (slot + 1) % SLOTS;
    }

    /// Waits until everything is where it belongs.
    void finish() {
        stream.synchronize();
    }

    /// Gives the buffers back, after [#finish].
    @Override
    public void close() {
        owners.close();
    }
}
