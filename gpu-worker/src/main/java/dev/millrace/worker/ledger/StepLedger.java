package dev.millrace.worker.ledger;

import java.util.concurrent.atomic.AtomicLongArray;

/// Where the time of a stage goes and what it moves, since the process started. One thread writes at a time, the engine
/// thread of the current epoch; anyone reads, without locks.
///
/// Time is kept without gaps: [#enter] closes the phase before at the cost of one clock reading, so that the phases add
/// up to the wall time since [#start]. A device whose uploads and downloads happen inside the forward pass enters those
/// phases itself and goes back to [Phase#COMPUTE].
@SuppressWarnings("EnumOrdinal") // Rows of the arrays below, which live as long as the enums.
public final class StepLedger {

    private final AtomicLongArray phaseNanoseconds = new AtomicLongArray(Phase.values().length);
    private final AtomicLongArray transferBytes = new AtomicLongArray(Direction.values().length);
    private final AtomicLongArray transferCounts = new AtomicLongArray(Direction.values().length);
    private final AtomicLongArray totals = new AtomicLongArray(2);
    private Phase phase = Phase.WAIT_WORK;
    private long since;

    /// Starts the clock in the given phase; the time since the last [#stop] belongs to no phase.
    public void start(Phase first) {
        phase = first;
        since = System.nanoTime();
    }

    /// Ends the phase that the thread was in and begins the next one.
    public void enter(Phase next) {
        long now = System.nanoTime();
        add(phaseNanoseconds, phase.ordinal(), now - since);
        phase = next;
        since = now;
    }

    /// Ends the current phase and stops the clock.
    public void stop() {
        enter(phase);
    }

    /// Counts one transfer of that many bytes.
    public void transfer(Direction direction, long bytes) {
        add(transferBytes, direction.ordinal(), bytes);
        add(transferCounts, direction.ordinal(), 1);
    }

    /// Counts one step of that many tokens.
    public void step(int tokens) {
        add(totals, 0, 1);
        add(totals, 1, tokens);
    }

    /// Nanoseconds spent in completed stays in that phase.
    public long nanoseconds(Phase in) {
        return phaseNanoseconds.getOpaque(in.ordinal());
    }

    /// Bytes moved in that direction.
    public long bytes(Direction direction) {
        return transferBytes.getOpaque(direction.ordinal());
    }

    /// Transfers in that direction.
    public long transfers(Direction direction) {
        return transferCounts.getOpaque(direction.ordinal());
    }

    /// Steps that the stage took part in.
    public long steps() {
        return totals.getOpaque(0);
    }

    /// Tokens that passed the stage, prompts included.
    public long tokens() {
        return totals.getOpaque(1);
    }

    /// There is one writer, so no read-modify-write instruction is needed.
    private static void add(AtomicLongArray values, int index, long amount) {
        values.setOpaque(index, values.getPlain(index) + amount);
    }
}
