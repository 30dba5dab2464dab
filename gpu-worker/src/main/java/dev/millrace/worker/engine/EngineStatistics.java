package dev.millrace.worker.engine;

import dev.millrace.worker.schedule.Scheduler;
import java.util.concurrent.atomic.AtomicLongArray;

/// Figures of the engine of stage 0. One object a process: counts go on over epochs. Written by the engine thread of
/// the
/// current epoch, read by anyone without locks; the values of one moment may be a turn of the loop apart.
public final class EngineStatistics {

    private static final int RUNNING = 0;
    private static final int WAITING = 1;
    private static final int USED = 2;
    private static final int CACHED = 3;
    private static final int FREE = 4;
    private static final int PREFIX_HIT_TOKENS = 5;
    private static final int PREEMPTIONS = 6;
    private static final int GENERATED_TOKENS = 7;

    private final AtomicLongArray values = new AtomicLongArray(8);
    /// What counters stood at when the current engine started; 0 for gauges. Belongs to the engine thread.
    private final long[] before = new long[8];

    /// Sequences whose tokens are being computed.
    public int runningSequences() {
        return (int) values.getOpaque(RUNNING);
    }

    /// Sequences in the waiting queue.
    public int waitingSequences() {
        return (int) values.getOpaque(WAITING);
    }

    /// KV blocks that sequences hold.
    public int usedBlocks() {
        return (int) values.getOpaque(USED);
    }

    /// KV blocks that nobody holds and whose content can be used again.
    public int cachedBlocks() {
        return (int) values.getOpaque(CACHED);
    }

    /// KV blocks without content.
    public int freeBlocks() {
        return (int) values.getOpaque(FREE);
    }

    /// Tokens of prompts that were found in the prefix cache, since the process started.
    public long prefixHitTokens() {
        return values.getOpaque(PREFIX_HIT_TOKENS);
    }

    /// Sequences that were put back into the queue because blocks ran out, since the process started.
    public long preemptions() {
        return values.getOpaque(PREEMPTIONS);
    }

    /// Tokens that were sampled and belonged to a sequence, since the process started.
    public long generatedTokens() {
        return values.getOpaque(GENERATED_TOKENS);
    }

    /// An engine starts: its own counts are added to those of the engines before.
    void begin() {
        for (int counter = PREFIX_HIT_TOKENS; counter <= GENERATED_TOKENS; counter++) {
            before[counter] = values.getPlain(counter);
        }
    }

    void update(Scheduler scheduler) {
        set(RUNNING, scheduler.runningCount());
        set(WAITING, scheduler.waitingCount());
        set(USED, scheduler.usedBlocks());
        set(CACHED, scheduler.cachedBlocks());
        set(FREE, scheduler.freeBlocks());
        set(PREFIX_HIT_TOKENS, scheduler.prefixHitTokens());
        set(PREEMPTIONS, scheduler.preemptions());
        set(GENERATED_TOKENS, scheduler.generatedTokens());
    }

    /// The engine has ended, and its sequences and blocks with it.
    void end() {
        for (int gauge = RUNNING; gauge <= FREE; gauge++) {
            set(gauge, 0);
        }
    }

    private void set(int index, long value) {
        values.setOpaque(index, before[index] + value);
    }
}
