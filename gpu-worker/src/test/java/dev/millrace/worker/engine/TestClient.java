package dev.millrace.worker.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.schedule.FinishReason;
import dev.millrace.worker.schedule.SequenceRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A client that takes down what it is told, and checks that it makes sense.
final class TestClient implements ReportSink {

    /// One sequence and what became of it.
    static final class Answer {
        final long sequenceId;
        final SequenceRequest request;
        final List<Integer> tokens = new ArrayList<>();
        final List<Float> logprobs = new ArrayList<>();
        /// How much likelier the first of two listed tokens was, in log probability.
        final List<Float> gaps = new ArrayList<>();
        volatile boolean accepted;
        int cachedPromptTokens;
        final CompletableFuture<FinishReason> end = new CompletableFuture<>();

        Answer(long sequenceId, SequenceRequest request) {
            this.sequenceId = sequenceId;
            this.request = request;
        }

        /// Waits for the end.
        List<Integer> tokens() {
            reason();
            return tokens;
        }

        FinishReason reason() {
            return end.orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    final EngineClient connection;
    final Map<Long, Answer> answers = new HashMap<>();
    final List<StepReport.Refusal> refusals = new CopyOnWriteArrayList<>();
    final AtomicInteger batchesTaken = new AtomicInteger();
    final CompletableFuture<String> ended = new CompletableFuture<>();
    private final Object lock = new Object();
    private @Nullable AssertionError wrong;
    private long lastStep;
    private long nextId;

    TestClient(Engine engine) {
        connection = engine.connect(this);
    }

    Answer submit(SequenceRequest request) {
        return submit(List.of(request)).getFirst();
    }

    /// Sends the requests as one batch.
    List<Answer> submit(List<SequenceRequest> requests) {
        List<Answer> submitted = new ArrayList<>();
        List<Submission> batch = new ArrayList<>();
        synchronized (lock) {
            for (SequenceRequest request : requests) {
                Answer answer = new Answer(nextId++, request);
                answers.put(answer.sequenceId, answer);
                submitted.add(answer);
                batch.add(new Submission(answer.sequenceId, copy(request)));
            }
        }
        send(new ArrivalBatch(batch, new long[0]));
        return submitted;
    }

    /// The engine takes arrays over, and a request may be sent several times.
    private static SequenceRequest copy(SequenceRequest request) {
        return new SequenceRequest(
                request.tokenIds().clone(),
                request.generatedCount(),
                request.maxTokens(),
                request.endTokenIds(),
                request.sampling(),
                request.biasTokenIds(),
                request.biasValues());
    }

    void cancel(long... sequenceIds) {
        send(new ArrivalBatch(List.of(), sequenceIds));
    }

    void send(ArrivalBatch batch) {
        while (!connection.arrive(batch)) {
            assertThat(ended).isNotDone();
            Thread.onSpinWait();
        }
    }

    @Override
    public void report(StepReport report) {
        synchronized (lock) {
            try {
                take(report);
            } catch (AssertionError e) {
                wrong = e;
            }
        }
    }

    private void take(StepReport report) {
        for (int i = 0; i < report.acceptedCount(); i++) {
            answer(report.accepted(i)).accepted = true;
        }
        refusals.addAll(report.refused());
        for (StepReport.Refusal refusal : report.refused()) {
            answer(refusal.sequenceId()).end.completeExceptionally(new IllegalStateException(refusal.message()));
        }
        int logprobs = 0;
        for (int i = 0; i < report.tokenCount(); i++) {
            assertThat(report.step()).isPositive();
            Answer answer = answer(report.tokenSequence(i));
            assertThat(answer.accepted).isTrue();
            assertThat(report.tokenIndex(i)).isEqualTo(answer.request.generatedCount() + answer.tokens.size());
            answer.tokens.add(report.tokenId(i));
            if (answer.request.sampling().topLogprobs() >= 0) {
                answer.logprobs.add(report.logprob(logprobs));
                assertThat(report.topCount(logprobs))
                        .isEqualTo(answer.request.sampling().topLogprobs());
                if (report.topCount(logprobs) > 1) {
                    answer.gaps.add(report.topLogprob(logprobs, 0) - report.topLogprob(logprobs, 1));
                }
                logprobs++;
            }
        }
        assertThat(logprobs).isEqualTo(report.logprobCount());
        if (report.tokenCount() > 0) {
            assertThat(report.step()).isGreaterThan(lastStep);
            lastStep = report.step();
        }
        for (int i = 0; i < report.finishedCount(); i++) {
            Answer answer = answer(report.finished(i));
            answer.cachedPromptTokens = report.cachedPromptTokens(i);
            assertThat(answer.end.complete(report.finishReason(i))).isTrue();
        }
    }

    private Answer answer(long sequenceId) {
        return requireNonNull(answers.get(sequenceId), "a sequence that nobody sent");
    }

    /// Fails when any report made no sense.
    void check() {
        synchronized (lock) {
            if (wrong != null) {
                throw wrong;
            }
        }
    }

    @Override
    public void arrivalsTaken() {
        batchesTaken.incrementAndGet();
    }

    @Override
    public void ended(String reason) {
        ended.complete(reason);
        synchronized (lock) {
            for (Answer answer : answers.values()) {
                answer.end.completeExceptionally(new IllegalStateException(reason));
            }
        }
    }
}
