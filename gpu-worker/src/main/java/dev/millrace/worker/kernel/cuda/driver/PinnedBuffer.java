package dev.millrace.worker.kernel.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Host memory that the device reads and writes by itself.
public final class PinnedBuffer extends Handle {

    /// More in one piece is refused: the binding loses track of pieces of 2 GiB.
    public static final long MOST_BYTES = 1L << 30;

    /// Accesses after closing fail instead of reading what is no longer there.
    private final Arena arena = Arena.ofShared();

    private final MemorySegment segment;

    /// @param purpose for the message where there is not enough
    public PinnedBuffer(Driver driver, long bytes, String purpose) {
        super(driver, allocate(driver, bytes, purpose));
        segment = MemorySegment.ofAddress(value()).reinterpret(bytes, arena, null);
    }

    private static long allocate(Driver driver, long bytes, String purpose) {
        if (bytes <= 0 || bytes > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "%d bytes of pinned memory for %s; a piece has 1 to %d".formatted(bytes, purpose, MOST_BYTES));
        }
        try {
            return driver.allocatePinned(bytes);
        } catch (CudaException e) {
            throw e.during(purpose);
        }
    }

    /// All of it, until it is closed. The device may be reading or writing: that is the caller's to know.
    public MemorySegment segment() {
        return segment;
    }

    /// For the driver's calls.
    public long address() {
        return value();
    }

    public long bytes() {
        return segment.byteSize();
    }

    @Override
    void release(long last) {
        arena.close();
        driver.freePinned(last);
    }
}
