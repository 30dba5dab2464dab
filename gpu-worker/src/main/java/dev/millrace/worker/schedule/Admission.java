package dev.millrace.worker.schedule;

import dev.millrace.worker.cache.KvCache;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The waiting queue and the rule by which its head may run: first come, first served.
///
/// Besides the blocks for its own prompt, a newcomer leaves those that other prompts still need and one for each
/// running
/// sequence, which needs its next block soon: else it would be put back at once. With nothing running every sequence
/// fits, as those that cannot were refused.
final class Admission {

    private final SchedulerSettings settings;
    private final KvCache cache;
    private final RunningSequences running;
    private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
    private @Nullable Sequence blocked;
    private int roomWhenBlocked;

    Admission(SchedulerSettings settings, KvCache cache, RunningSequences running) {
        this.settings = settings;
        this.cache = cache;
        this.running = running;
    }

    int waitingCount() {
        return waiting.size();
    }

    /// Puts a sequence at the end of the queue, or says that it is full.
    @Nullable
    Refusal enqueue(Sequence sequence) {
        if (waiting.size() >= settings.maxWaiting()) {
            return new Refusal(
                    RefusalReason.QUEUE_FULL,
                    "the waiting queue is full: " + waiting.size() + " sequences wait (at most "
                            + settings.maxWaiting() + "), " + running.size() + " run (at most "
                            + settings.maxSequences() + ")");
        }
        waiting.addLast(sequence);
        return null;
    }

    /// Puts a sequence that was running back at the head; the bound is for newcomers.
    void putBack(Sequence sequence) {
        waiting.addFirst(sequence);
    }

    void remove(Sequence sequence) {
        waiting.remove(sequence);
    }

    /// Lets waiting sequences run as long as they fit.
    ///
    /// @param step the step that is planned next
    /// @return prompt tokens that were found in the prefix cache
    int admit(long step) {
        int hits = 0;
        while (!waiting.isEmpty() && !running.isFull()) {
            int found = tryToAdmit(waiting.getFirst(), step);
            if (found < 0) {
                break;
            }
            waiting.removeFirst();
            hits += found;
        }
        return hits;
    }

    /// Prompt tokens that were found, or -1 when blocks do not suffice. Looking up a long prompt at each turn would
    /// cost
    /// too much: it is tried again when there is more room.
    private int tryToAdmit(Sequence sequence, long step) {
        int room = cache.availableBlocks() - spokenFor();
        if (sequence == blocked && room <= roomWhenBlocked && running.size() > 0) {
            return -1;
        }
        int found = cache.extend(sequence.table, sequence.tokens(), sequence.length(), step);
        int missing = KvCache.blocksFor(sequence.length()) - found;
        if (missing > cache.availableBlocks() - spokenFor() && running.size() > 0) {
            cache.release(sequence.table);
            blocked = sequence;
            roomWhenBlocked = room;
            return -1;
        }
        blocked = null;
        sequence.admitted(running.add(sequence), settings.maxLength());
        return sequence.reused(found);
    }

    private int spokenFor() {
        int blocks = running.size();
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.get(i);
            blocks += Math.max(0, KvCache.blocksFor(sequence.length()) - sequence.table.count());
        }
        return blocks;
    }

    /// Those that wait, in their order.
    Iterable<Sequence> waiting() {
        return waiting;
    }
}
