package dev.millrace.tokenizer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.SubmittedSequence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Gateways that come and go at random moments.
class RandomCancelTest {
    private static final int CALLS = 3000;

    private final Random random = new Random(11);
    private final List<RecordedCall> calls = new ArrayList<>();
    private final List<SubmittedSequence> running = new ArrayList<>();
    private final Set<Long> finished = new HashSet<>();
    private int seen;

    @Test
    void whatever_was_submitted_is_finished_or_cancelled_and_every_call_ends() {
        try (GenerationBench bench = new GenerationBench().serve(1)) {
            for (int i = 0; i < CALLS; i++) {
                GenerateRequest.Builder request =
                        GenerationBench.request("hello " + i).setChoices(1 + random.nextInt(3));
                calls.add(bench.start(random.nextBoolean() ? request : request.addStop("b"), -1));
                if (random.nextInt(4) == 0) {
                    cancelOne();
                }
                step(bench);
            }
            calls.forEach(RecordedCall::cancel);
            bench.loop.runUntil(() -> calls.stream().allMatch(RecordedCall::isOver));

            Set<Long> submitted = new HashSet<>();
            bench.pipeline.submitted.forEach(sequence -> submitted.add(sequence.getSequenceId()));
            Set<Long> over = new HashSet<>(finished);
            over.addAll(bench.pipeline.cancelled);
            assertThat(over).containsExactlyInAnyOrderElementsOf(submitted);
            assertThat(submitted).hasSizeGreaterThan(CALLS / 2);
        }
    }

    private void cancelOne() {
        calls.get(calls.size() - 1 - random.nextInt(Math.min(calls.size(), 8))).cancel();
    }

    /// The worker does something to some sequence.
    private void step(GenerationBench bench) {
        bench.loop.run();
        List<SubmittedSequence> all = bench.pipeline.submitted;
        running.addAll(all.subList(seen, all.size()));
        seen = all.size();
        running.removeIf(sequence -> bench.pipeline.cancelled.contains(sequence.getSequenceId()));
        if (running.isEmpty()) {
            return;
        }
        long id = running.get(random.nextInt(running.size())).getSequenceId();
        switch (random.nextInt(3)) {
            case 0 -> bench.pipeline.accept(id);
            case 1 -> bench.pipeline.token(id, 0, 'a' + random.nextInt(3));
            default -> {
                finished.add(id);
                running.removeIf(sequence -> sequence.getSequenceId() == id);
                bench.pipeline.finish(id, FinishReason.FINISH_REASON_LENGTH, 0);
            }
        }
        bench.loop.run();
    }
}
