package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.FinishedSequence;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.RefusedSequence;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.SubmittedSequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Stage 0 in a test's hands: each dialled stream records what is sent and reports what the test says.
final class FakeWorker implements PipelineDialer {
    /// One dialled stream.
    static final class Stream implements PipelineLink {
        final String address;
        final List<ArrivalBatch> batches = new ArrayList<>();
        private final Listener listener;
        boolean writable = true;
        boolean closed;

        private Stream(String address, Listener listener) {
            this.address = address;
            this.listener = listener;
        }

        @Override
        public void send(ArrivalBatch batch) {
            batches.add(batch);
        }

        @Override
        public boolean writable() {
            return writable;
        }

        @Override
        public void close(String reason) {
            closed = true;
        }

        void becomeWritable() {
            writable = true;
            listener.writable();
        }

        void lose(String reason) {
            listener.lost(reason);
        }

        List<SubmittedSequence> submitted() {
            return batches.stream()
                    .flatMap(batch -> batch.getSubmittedList().stream())
                    .toList();
        }

        SubmittedSequence lastSubmitted() {
            return submitted().getLast();
        }

        List<Long> cancelled() {
            return batches.stream()
                    .flatMap(batch -> batch.getCancelledList().stream())
                    .toList();
        }

        void report(Consumer<StepReport.Builder> content) {
            StepReport.Builder report = StepReport.newBuilder()
                    .setEpoch(batches.isEmpty() ? 1 : batches.getLast().getEpoch());
            content.accept(report);
            listener.report(received(report.build()));
        }

        private static ReceivedReport received(StepReport report) {
            try {
                return new ReceivedReport(report.toByteArray());
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }

        void accept(long id) {
            report(report -> report.addAccepted(id));
        }

        void refuse(long id, RefusalReason reason, String message) {
            report(report -> report.addRefused(RefusedSequence.newBuilder()
                    .setSequenceId(id)
                    .setReason(reason)
                    .setMessage(message)));
        }

        void token(long id, int index, int token) {
            report(report ->
                    report.addTokenSequenceIds(id).addTokenIndexes(index).addTokenIds(token));
        }

        void finish(long id, FinishReason reason, int cached) {
            report(report -> report.addFinished(FinishedSequence.newBuilder()
                    .setSequenceId(id)
                    .setReason(reason)
                    .setCachedPromptTokens(cached)));
        }

        /// Lets the canary, the last sequence that came, through.
        void answerCanary() {
            long id = lastSubmitted().getSequenceId();
            accept(id);
            token(id, 0, 42);
            finish(id, FinishReason.FINISH_REASON_LENGTH, 0);
        }
    }

    final List<Stream> streams = new ArrayList<>();

    @Override
    public PipelineLink dial(String address, PipelineLink.Listener listener) {
        Stream stream = new Stream(address, listener);
        streams.add(stream);
        return stream;
    }

    Stream last() {
        return streams.getLast();
    }
}
