package dev.millrace.worker.schedule;

import dev.millrace.worker.cache.BlockTable;
import dev.millrace.worker.cache.KvCache;
import dev.millrace.worker.step.StepInput;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What always holds between two steps of a scheduler.
record SchedulerCheck(
        RunningSequences running,
        Collection<Sequence> ready,
        Admission admission,
        KvCache cache,
        SchedulerSettings settings) {

    void run() {
        List<BlockTable> tables = new ArrayList<>();
        int decodable = 0;
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.get(i);
            checkRunning(sequence);
            tables.add(sequence.table);
            decodable += mayDecode(sequence) ? 1 : 0;
        }
        require(decodable == ready.size(), "sequences are ready: " + ready.size() + " instead of " + decodable);
        for (Sequence sequence : admission.waiting()) {
            require(sequence.state == Sequence.State.WAITING, "a waiting sequence is " + sequence.state);
            require(sequence.table.count() == 0 && sequence.computed == 0, "a waiting sequence holds blocks");
        }
        cache.check(tables);
    }

    private void checkRunning(Sequence sequence) {
        require(sequence.state == Sequence.State.RUNNING, "a running sequence is " + sequence.state);
        require(running.find(sequence.handle) == sequence, "a running sequence is not found by its handle");
        require(sequence.length() <= settings.maxLength(), "a sequence has " + sequence.length() + " tokens");
        require(
                sequence.computed <= sequence.table.count() * StepInput.BLOCK_TOKENS,
                sequence.computed + " tokens are computed in " + sequence.table.count() + " blocks");
        int behind = sequence.behind();
        require(behind > 0, behind + " tokens are to compute");
        require(!sequence.decoding || behind == 1, "a sequence that decodes has " + behind + " tokens to compute");
        require(
                sequence.pending >= 0 && sequence.pending <= settings.maxPending(),
                sequence.pending + " tokens of a sequence are pending");
        require(sequence.decoding || sequence.pending == 0, "a token of an unfinished prompt is pending");
        require(
                sequence.length() + sequence.pending <= settings.maxLength(),
                "tokens are pending that a sequence cannot have");
        require(ready.contains(sequence) == mayDecode(sequence), "a sequence is not queued");
    }

    private boolean mayDecode(Sequence sequence) {
        return sequence.decoding && sequence.pending < settings.maxPending() && sequence.goesOn();
    }

    private static void require(boolean holds, String complaint) {
        if (!holds) {
            throw new IllegalStateException(complaint);
        }
    }
}
