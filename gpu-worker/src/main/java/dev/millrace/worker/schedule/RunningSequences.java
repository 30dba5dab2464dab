package dev.millrace.worker.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sequences that run, in the order of their admission, and the handles under which steps name them. A handle is a
/// number that is never given twice, with the sequence's row in its low bits.
final class RunningSequences {

    private static final int ROW_BITS = 20;

    private final List<Sequence> inOrder;
    private final @Nullable Sequence[] rows;
    private final int[] freeRows;
    private long lastSerial;

    RunningSequences(int maxSequences) {
        if (maxSequences > 1 << ROW_BITS) {
            throw new IllegalArgumentException(maxSequences + " sequences are more than " + (1 << ROW_BITS));
        }
        inOrder = new ArrayList<>(maxSequences);
        rows = new Sequence[maxSequences];
        freeRows = new int[maxSequences];
        Arrays.setAll(freeRows, row -> maxSequences - 1 - row);
    }

    int size() {
        return inOrder.size();
    }

    boolean isFull() {
        return inOrder.size() == rows.length;
    }

    /// The `i`-th in the order of admission.
    Sequence get(int i) {
        return inOrder.get(i);
    }

    Sequence oldest() {
        return inOrder.getFirst();
    }

    Sequence latest() {
        return inOrder.getLast();
    }

    /// The row of the sequence with that handle: no two sequences that run have the same.
    static int row(long handle) {
        return (int) handle & ((1 << ROW_BITS) - 1);
    }

    /// The sequence that runs under that handle, or null when none does any more.
    @Nullable
    Sequence find(long handle) {
        int row = row(handle);
        Sequence sequence = row < rows.length ? rows[row] : null;
        return sequence != null && sequence.handle == handle ? sequence : null;
    }

    /// Adds the sequence as the latest.
    ///
    /// @return its handle
    long add(Sequence sequence) {
        int row = freeRows[rows.length - 1 - inOrder.size()];
        inOrder.add(sequence);
        rows[row] = sequence;
        return ++lastSerial << ROW_BITS | row;
    }

    void remove(Sequence sequence) {
        int row = row(sequence.handle);
        rows[row] = null;
        inOrder.remove(sequence);
        freeRows[rows.length - 1 - inOrder.size()] = row;
    }
}
