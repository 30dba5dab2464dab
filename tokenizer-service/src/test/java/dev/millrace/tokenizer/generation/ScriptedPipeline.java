package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.FinishedSequence;
import dev.millrace.proto.v1.PipelineGrpc;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.RefusedSequence;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.proto.v1.TokenLogprob;
import dev.millrace.tokenizer.support.ByteTextModel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Stage 0 behind gRPC, in a test's hands: canaries (one token at the most) are answered, all else waits for the test.
final class ScriptedPipeline extends PipelineGrpc.PipelineImplBase {
    final List<ArrivalBatch> batches = new ArrayList<>();
    final List<SubmittedSequence> submitted = new ArrayList<>();
    final List<Long> cancelled = new ArrayList<>();
    private @Nullable StreamObserver<StepReport> reports;
    private long epoch;

    @Override
    public StreamObserver<ArrivalBatch> open(StreamObserver<StepReport> responses) {
        reports = responses;
        return new StreamObserver<>() {
            @Override
            public void onNext(ArrivalBatch batch) {
                arrived(batch);
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        };
    }

    SubmittedSequence last() {
        return submitted.getLast();
    }

    /// The ids of the last `count` sequences, in the order of their arrival.
    List<Long> lastIds(int count) {
        return submitted.subList(submitted.size() - count, submitted.size()).stream()
                .map(SubmittedSequence::getSequenceId)
                .toList();
    }

    void accept(long... ids) {
        report(report -> {
            for (long id : ids) {
                report.addAccepted(id);
            }
        });
    }

    void refuse(long id, RefusalReason reason, String message) {
        report(report -> report.addRefused(
                RefusedSequence.newBuilder().setSequenceId(id).setReason(reason).setMessage(message)));
    }

    /// Sends text as tokens, a report each, from the given index on.
    void text(long id, int index, String text) {
        int next = index;
        for (int token : ByteTextModel.ids(text)) {
            token(id, next++, token);
        }
    }

    void token(long id, int index, int token) {
        report(report -> report.addTokenSequenceIds(id).addTokenIndexes(index).addTokenIds(token));
    }

    void token(long id, int index, int token, TokenLogprob logprob) {
        report(report -> report.addTokenSequenceIds(id)
                .addTokenIndexes(index)
                .addTokenIds(token)
                .addLogprobs(logprob));
    }

    void finish(long id, FinishReason reason, int cached) {
        report(report -> report.addFinished(FinishedSequence.newBuilder()
                .setSequenceId(id)
                .setReason(reason)
                .setCachedPromptTokens(cached)));
    }

    void breakStream() {
        stream().onError(Status.UNAVAILABLE.withDescription("killed").asRuntimeException());
    }

    private void report(Consumer<StepReport.Builder> content) {
        StepReport.Builder report = StepReport.newBuilder().setEpoch(epoch);
        content.accept(report);
        stream().onNext(report.build());
    }

    private void arrived(ArrivalBatch batch) {
        epoch = batch.getEpoch();
        batches.add(batch);
        cancelled.addAll(batch.getCancelledList());
        for (SubmittedSequence sequence : batch.getSubmittedList()) {
            if (sequence.getMaxTokens() == 1) {
                long id = sequence.getSequenceId();
                accept(id);
                token(id, 0, 'x');
                finish(id, FinishReason.FINISH_REASON_LENGTH, 0);
            } else {
                submitted.add(sequence);
            }
        }
    }

    private StreamObserver<StepReport> stream() {
        if (reports == null) {
            throw new AssertionError("no stream is open");
        }
        return reports;
    }
}
