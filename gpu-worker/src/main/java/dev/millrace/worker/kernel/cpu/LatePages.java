package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/// Zeros whose pages come while a stage computes already: clearing gigabytes of KV blocks, which on some virtual
/// machines takes seconds for each, would be most of a start. They come all the same, long before they are written
/// to as a rule, so that no step waits for them and what was planned is what the process holds.
final class LatePages implements AutoCloseable {

    private static final long CHUNK_BYTES = 16 << 20;
    /// Less is taken at once.
    private static final long LEAST_BYTES = 4 * CHUNK_BYTES;

    private final MemorySegment memory;
    private final Thread thread;
    private volatile long pendingBytes;
    private volatile boolean closed;

    private LatePages(MemorySegment memory) {
        this.memory = memory;
        pendingBytes = memory.byteSize();
        thread = Thread.ofPlatform().daemon().name("late-pages").unstarted(this::take);
    }

    /// `bytes` of zeros that live as long as `arena`, to be closed before it. All of them are there where there are few
    /// or where Linux (5.14 or newer) does not take them for us.
    static LatePages allocate(Arena arena, long bytes) {
        LatePages pages = new LatePages(LargePages.allocate(arena, bytes));
        if (bytes < LEAST_BYTES || !LargePages.populate(pages.memory.asSlice(0, CHUNK_BYTES))) {
            pages.memory.fill((byte) 0);
            pages.pendingBytes = 0;
        } else {
            pages.thread.start();
        }
        return pages;
    }

    /// All of it.
    MemorySegment memory() {
        return memory;
    }

    /// What is still to come.
    long pendingBytes() {
        return pendingBytes;
    }

    /// Uses at most half of a core's time, the other half is for steps.
    private void take() {
        long size = memory.byteSize();
        long at = CHUNK_BYTES;
        boolean taken = true;
        while (at < size && taken && !closed) {
            pendingBytes = size - at;
            long length = Math.min(CHUNK_BYTES, size - at);
            long begin = System.nanoTime();
            taken = LargePages.populate(memory.asSlice(at, length));
            LockSupport.parkNanos(System.nanoTime() - begin);
            at += length;
        }
        // Pages that could not be taken come when they are written to.
        pendingBytes = 0;
    }

    /// Leaves the rest.
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
