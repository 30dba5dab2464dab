package dev.millrace.worker.engine;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A fixed set of buffers that go round between one thread that fills them and one that reads them.
final class BufferRing<T> {

    private final List<T> buffers;
    private final AtomicLong filled = new AtomicLong();
    private final AtomicLong emptied = new AtomicLong();

    BufferRing(List<T> buffers) {
        this.buffers = List.copyOf(buffers);
    }

    /// The buffer to fill next, or null when all are full. For the filling thread.
    @Nullable
    T nextEmpty() {
        long index = filled.getPlain();
        return index - emptied.getAcquire() < buffers.size() ? buffer(index) : null;
    }

    /// The buffer of [#nextEmpty] is full now. For the filling thread.
    void fill() {
        filled.setRelease(filled.getPlain() + 1);
    }

    /// The buffer that has been full longest, or null when none is. For the reading thread.
    @Nullable
    T nextFull() {
        return nextFull(0);
    }

    /// As [#nextFull] but for the `skipped` ones before it. For the reading thread.
    @Nullable
    T nextFull(int skipped) {
        long index = emptied.getPlain() + skipped;
        return index < filled.getAcquire() ? buffer(index) : null;
    }

    /// The buffer of [#nextFull] was read. For the reading thread.
    void empty() {
        emptied.setRelease(emptied.getPlain() + 1);
    }

    private T buffer(long index) {
        return buffers.get((int) (index % buffers.size()));
    }
}
