package dev.millrace.worker.ring;

/// How large a ring is. Both stages know that by themselves; a ring of another shape is not taken.
///
/// @param slots steps whose rows it holds at the same time
/// @param maxTokens rows of a step at the most
/// @param hiddenSize values of a row
public record RingShape(int slots, int maxTokens, int hiddenSize) {

    private static final long LINE_BYTES = 64;
    private static final long PAGE_BYTES = 4096;

    /// @throws IllegalArgumentException when something is not positive
    public RingShape {
        if (slots < 1 || maxTokens < 1 || hiddenSize < 1) {
            throw new IllegalArgumentException(
                    "a ring of %d slots of %d rows of %d values".formatted(slots, maxTokens, hiddenSize));
        }
    }

    /// What the rows of the largest step take.
    long slotBytes() {
        return (long) Float.BYTES * maxTokens * hiddenSize;
    }

    /// Where it is written which step's rows were read from a slot last; each on a line of its own, since both
    /// processes look at it. The nonce is before the first one.
    long releasedAt(int slot) {
        return LINE_BYTES * (1 + slot);
    }

    /// Where the rows of a slot are.
    long rowsAt(int slot) {
        return wholePages(LINE_BYTES * (1 + slots)) + slot * wholePages(slotBytes());
    }

    /// All of it.
    long bytes() {
        return rowsAt(slots);
    }

    private static long wholePages(long bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }
}
