package dev.millrace.worker.engine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A bounded queue from many threads to one, without locks.
final class Mailbox<T> {

    private final AtomicReferenceArray<@Nullable T> slots;
    /// The next slot to take; moved by the one consumer.
    private final AtomicLong head = new AtomicLong();
    /// The next slot to fill.
    private final AtomicLong tail = new AtomicLong();

    Mailbox(int capacity) {
        slots = new AtomicReferenceArray<>(capacity);
    }

    /// Adds an item unless the mailbox is full.
    boolean offer(T item) {
        long claimed = tail.get();
        while (claimed - head.get() < slots.length()) {
            if (tail.compareAndSet(claimed, claimed + 1)) {
                slots.setRelease(slot(claimed), item);
                return true;
            }
            claimed = tail.get();
        }
        return false;
    }

    /// The oldest item, or null when there is none that is there entirely.
    @Nullable
    T poll() {
        long taken = head.get();
        T item = slots.getAcquire(slot(taken));
        if (item != null) {
            slots.setPlain(slot(taken), null);
            head.setRelease(taken + 1);
        }
        return item;
    }

    private int slot(long index) {
        return (int) (index % slots.length());
    }
}
