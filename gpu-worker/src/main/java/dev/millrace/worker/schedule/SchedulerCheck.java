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
            decodable += sequence.decoding && !sequence.sampling ? 1 : 0;
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
        int behind = sequence.length() - sequence.computed;
        require(behind == 0 ? sequence.sampling : behind > 0, behind + " tokens are to compute");
        require(!sequence.sampling || behind == 0, "a sequence is sampled with tokens to compute");
        require(!sequence.decoding || behind <= 1, "a sequence that decodes has " + behind + " tokens to compute");
        require(ready.contains(sequence) == (sequence.decoding && !sequence.sampling), "a sequence is not queued");
    }

    private static void require(boolean holds, String complaint) {
        if (!holds) {
            throw new IllegalStateException(complaint);
        }
    }
}
