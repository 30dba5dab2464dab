package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.engine.TestClient.Answer;
import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.Phase;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.HookedModel;
import dev.millrace.worker.schedule.FakeModel;
import dev.millrace.worker.schedule.FinishReason;
import dev.millrace.worker.schedule.Oracle;
import dev.millrace.worker.schedule.RefusalReason;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.schedule.SequenceRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {

    private static final SequenceRequest ENDLESS = Requests.greedy(Requests.prompt(10, 1), 10_000);

    @Test
    void refuses_with_the_numbers_what_the_queue_cannot_hold() {
        StageSettings settings = new StageSettings(7, 0, 2, 256, 2, 600, 64, 64, 3, true);
        try (TestPipeline pipeline = new TestPipeline(settings)) {
            TestClient client = new TestClient(pipeline.engine);
            List<Answer> answers = client.submit(Collections.nCopies(6, Requests.greedy(Requests.prompt(9, 1), 40)));

            assertThatThrownBy(answers.get(5)::tokens)
                    .hasMessageContaining("the waiting queue is full: 3 sequences wait (at most 3), 2 run (at most 2)");
            for (Answer answer : answers.subList(0, 5)) {
                assertThat(answer.reason()).isEqualTo(FinishReason.LENGTH);
            }
            assertThat(client.refusals.getFirst().reason()).isEqualTo(RefusalReason.QUEUE_FULL);
        }
    }

    @Test
    void refuses_what_can_never_fit_and_what_makes_no_sense() {
        StageSettings settings = new StageSettings(7, 0, 1, 256, 2, 4, 64, 64, 3, true);
        try (TestPipeline pipeline = new TestPipeline(settings)) {
            TestClient client = new TestClient(pipeline.engine);
            Answer tooLong = client.submit(Requests.greedy(Requests.prompt(64, 1), 1));
            Answer nonsense = client.submit(Requests.greedy(new int[] {1, 5000}, 1));
            Answer fits = client.submit(Requests.greedy(Requests.prompt(63, 1), 100));

            assertThatThrownBy(tooLong::tokens)
                    .hasMessageContaining("64 tokens leave no room for output: a sequence can have 64 tokens")
                    .hasMessageContaining("context length 256, 4 KV blocks");
            assertThatThrownBy(nonsense::tokens).hasMessageContaining("token id 5000 is outside the vocabulary of 101");
            assertThat(fits.tokens()).hasSize(1);
            assertThat(client.refusals)
                    .extracting(StepReport.Refusal::reason)
                    .containsExactly(RefusalReason.TOO_LONG, RefusalReason.INVALID);
        }
    }

    @Test
    void refuses_an_id_that_is_in_use_and_takes_it_again_afterwards() {
        CountDownLatch sent = new CountDownLatch(1);
        try (TestPipeline pipeline = waiting(2, sent)) {
            TestClient client = new TestClient(pipeline.engine);
            client.submit(ENDLESS);
            Submission again = new Submission(0, ENDLESS);
            client.send(new ArrivalBatch(List.of(again), new long[0]));
            sent.countDown();
            await(() -> !client.refusals.isEmpty());
            assertThat(client.refusals)
                    .singleElement()
                    .satisfies(refusal -> assertThat(refusal.message()).isEqualTo("sequence id 0 is in use"));

            client.cancel(0);
            client.send(new ArrivalBatch(List.of(again), new long[] {0}));
            await(() -> client.batchesTaken.get() == 4);
            assertThat(client.refusals).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void a_cancelled_sequence_frees_its_blocks_and_is_told_nothing_more(int stages) {
        CountDownLatch sent = new CountDownLatch(1);
        try (TestPipeline pipeline = waiting(stages, sent)) {
            TestClient client = new TestClient(pipeline.engine);
            Answer cancelled = client.submit(ENDLESS);
            await(() -> pipeline.statistics.generatedTokens() > 3);
            client.cancel(cancelled.sequenceId, 4711);
            sent.countDown();
            await(() -> pipeline.statistics.usedBlocks() == 0 && pipeline.statistics.runningSequences() == 0);
            Answer next = client.submit(Requests.greedy(Requests.prompt(30, 2), 20));

            assertThat(next.tokens()).isEqualTo(Oracle.continuation(next.request, 256));
            assertThat(cancelled.end).isNotDone();
            client.check();
        }
    }

    @Test
    void a_closed_client_takes_its_sequences_along_and_leaves_those_of_others() {
        StageSettings settings = new StageSettings(7, 0, 2, 4096, 8, 600, 64, 64, 50, true);
        try (TestPipeline pipeline = new TestPipeline(settings)) {
            TestClient leaving = new TestClient(pipeline.engine);
            TestClient staying = new TestClient(pipeline.engine);
            leaving.submit(Collections.nCopies(20, Requests.greedy(Requests.prompt(10, 1), 4000)));
            Answer answer = staying.submit(Requests.greedy(Requests.prompt(30, 2), 50));
            await(() -> pipeline.statistics.waitingSequences() == 13);
            leaving.connection.close();

            assertThat(answer.tokens()).isEqualTo(Oracle.continuation(answer.request, 4096));
            await(() -> pipeline.statistics.usedBlocks() == 0);
            assertThat(pipeline.statistics.waitingSequences()).isZero();
            assertThat(leaving.connection.arrive(new ArrivalBatch(List.of(), new long[0])))
                    .isFalse();
            assertThat(leaving.ended).isNotDone();
        }
    }

    @Test
    void a_client_whose_sink_throws_is_given_up_and_the_others_go_on() {
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(2))) {
            TestClient good = new TestClient(pipeline.engine);
            EngineClient bad = pipeline.engine.connect(new ReportSink() {
                @Override
                public void report(StepReport report) {
                    throw new IllegalStateException("the buffer is full");
                }

                @Override
                public void arrivalsTaken() {}

                @Override
                public void ended(String reason) {}
            });
            bad.arrive(new ArrivalBatch(List.of(new Submission(1, ENDLESS)), new long[0]));
            Answer answer = good.submit(Requests.greedy(Requests.prompt(30, 2), 50));

            assertThat(answer.tokens()).isEqualTo(Oracle.continuation(answer.request, 256));
            await(() -> pipeline.statistics.usedBlocks() == 0);
            assertThat(bad.arrive(new ArrivalBatch(List.of(), new long[0]))).isFalse();
        }
    }

    @Test
    void stopping_tells_the_clients_and_ends_the_thread() {
        // One stage, since a later one would rightly fail when its tokens come to an engine that has ended; and slow,
        // so
        // that the sequence does not end by itself.
        TestPipeline pipeline = new TestPipeline(
                TestPipeline.roomy(1),
                model -> new HookedModel(model, input -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10))));
        TestClient client = new TestClient(pipeline.engine);
        Answer answer = client.submit(ENDLESS);
        await(() -> pipeline.statistics.generatedTokens() > 3);
        pipeline.close();

        assertThat(client.ended).isCompletedWithValue("the engine was stopped");
        assertThat(answer.end).isCompletedExceptionally();
        assertThat(client.connection.arrive(new ArrivalBatch(List.of(), new long[0])))
                .isFalse();
        assertThatThrownBy(() -> pipeline.engine.connect(client)).isInstanceOf(IllegalStateException.class);
        assertThat(pipeline.failures).isEmpty();
        assertThat(pipeline.statistics.usedBlocks()).isZero();
        assertThat(pipeline.statistics.runningSequences()).isZero();
    }

    @Test
    void says_when_it_cannot_stop_because_the_model_hangs() {
        CountDownLatch hangs = new CountDownLatch(1);
        CompletableFuture<Void> inside = new CompletableFuture<>();
        try (TestPipeline pipeline = new TestPipeline(
                TestPipeline.roomy(1),
                model -> new HookedModel(model, input -> {
                    inside.complete(null);
                    awaitUninterruptibly(hangs);
                }))) {
            new TestClient(pipeline.engine).submit(ENDLESS);
            inside.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(pipeline.engine.stop(Duration.ofMillis(20))).isFalse();
            hangs.countDown();
        }
    }

    @Test
    void stages_keep_the_same_books() {
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(3))) {
            TestClient client = new TestClient(pipeline.engine);
            Answer answer = client.submit(Requests.greedy(Requests.prompt(100, 2), 10));
            answer.tokens();
            List<StepLedger> ledgers = pipeline.ledgers;
            await(() -> ledgers.stream().allMatch(ledger -> ledger.transfers(Direction.HANDOVER_OUT) == 10));

            assertThat(ledgers).allMatch(ledger -> ledger.steps() == 10 && ledger.tokens() == 109);
            for (int stage = 0; stage < 3; stage++) {
                StepLedger ledger = ledgers.get(stage);
                StepLedger next = ledgers.get((stage + 1) % 3);
                assertThat(ledger.bytes(Direction.HANDOVER_OUT))
                        .isPositive()
                        .isEqualTo(next.bytes(Direction.HANDOVER_IN));
                assertThat(ledger.nanoseconds(Phase.COMPUTE)).isPositive();
                assertThat(ledger.nanoseconds(Phase.UPLOAD)).isZero();
            }
            assertThat(ledgers.getFirst().nanoseconds(Phase.WAIT_NEIGHBOUR)).isPositive();
            assertThat(ledgers.getFirst().nanoseconds(Phase.SAMPLE)).isZero();
            assertThat(ledgers.getLast().nanoseconds(Phase.SAMPLE)).isPositive();
        }
    }

    @Test
    void counts_go_on_over_epochs() {
        EngineStatistics statistics = new EngineStatistics();
        for (int epoch = 1; epoch <= 3; epoch++) {
            StageSettings settings = new StageSettings(epoch, 0, 1, 256, 4, 64, 64, 64, 4, true);
            try (Engine engine =
                    new Engine(settings, new FakeModel(0, 1, 64), null, new StepLedger(), statistics, failure -> {})) {
                TestClient client = new TestClient(engine);
                engine.start();
                client.submit(Requests.greedy(Requests.prompt(5, 1), 10)).tokens();
            }
            assertThat(statistics.generatedTokens()).isEqualTo(10L * epoch);
        }
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("waited too long").isNegative();
            Thread.onSpinWait();
        }
    }

    /// A pipeline that waits in its tenth step: no sequence comes to its end before, however slow this thread is.
    private static TestPipeline waiting(int stages, CountDownLatch latch) {
        return new TestPipeline(
                TestPipeline.roomy(stages),
                model -> new HookedModel(model, input -> {
                    if (input.step() >= 10) {
                        awaitUninterruptibly(latch);
                    }
                }));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
