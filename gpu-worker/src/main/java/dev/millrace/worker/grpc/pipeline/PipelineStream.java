package dev.millrace.worker.grpc.pipeline;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.RefusedSequence;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.worker.engine.EngineClient;
import dev.millrace.worker.engine.ReportSink;
import dev.millrace.worker.engine.Submission;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One tokenizer-service's stream: its batches go into the engine's inbox, one after another, and reports come back.
/// Network threads and the engine thread meet here; each holds the lock for the copy of one message at the most.
final class PipelineStream implements StreamObserver<ArrivalBatch>, ReportSink {

    private final long epoch;
    private final SubmissionCheck check;
    private final ReportQueue reports;
    private final ReportBytes outgoing = new ReportBytes();

    private @Nullable EngineClient client;
    private boolean ended;

    PipelineStream(long epoch, SubmissionCheck check, ReportQueue reports) {
        this.epoch = epoch;
        this.check = check;
        this.reports = reports;
    }

    void connect(EngineConnector engine) {
        try {
            EngineClient connected = engine.connect(this);
            synchronized (this) {
                client = connected;
                if (ended) {
                    connected.close();
                }
            }
        } catch (IllegalStateException e) {
            end(Status.UNAVAILABLE.withDescription(e.getMessage()));
        }
    }

    @Override
    public synchronized void onNext(ArrivalBatch batch) {
        if (ended || client == null) {
            return;
        }
        if (batch.getEpoch() != epoch) {
            end(Status.FAILED_PRECONDITION.withDescription("the batch is of epoch "
                    + Long.toUnsignedString(batch.getEpoch()) + ", this pipeline of epoch " + epoch));
            return;
        }
        List<Submission> submitted = new ArrayList<>(batch.getSubmittedCount());
        StepReport.Builder refusals = StepReport.newBuilder().setEpoch(epoch);
        for (SubmittedSequence sequence : batch.getSubmittedList()) {
            try {
                submitted.add(new Submission(sequence.getSequenceId(), check.request(sequence)));
            } catch (InvalidSequenceException e) {
                refusals.addRefused(RefusedSequence.newBuilder()
                        .setSequenceId(sequence.getSequenceId())
                        .setReason(RefusalReason.REFUSAL_REASON_INVALID)
                        .setMessage(e.getMessage()));
            }
        }
        if (refusals.getRefusedCount() > 0) {
            outgoing.clear();
            outgoing.append(refusals.build().toByteArray());
            sendOutgoing();
        }
        long[] cancelled = new long[batch.getCancelledCount()];
        for (int i = 0; i < cancelled.length; i++) {
            cancelled[i] = batch.getCancelled(i);
        }
        if (!ended && !client.arrive(new dev.millrace.worker.engine.ArrivalBatch(submitted, cancelled))) {
            end(Status.UNAVAILABLE.withDescription("the engine of epoch " + epoch + " takes no more batches"));
        }
    }

    /// The stream broke: nothing can be sent any more.
    synchronized void gone() {
        ended = true;
        if (client != null) {
            client.close();
        }
    }

    @Override
    public void onError(Throwable error) {
        gone();
    }

    @Override
    public void onCompleted() {
        end(Status.OK);
    }

    synchronized void end(Status status) {
        if (ended) {
            return;
        }
        gone();
        if (status.isOk()) {
            reports.call().onCompleted();
        } else {
            reports.call().onError(status.asRuntimeException());
        }
    }

    /// There is room on the stream again.
    synchronized void writable() {
        if (!ended) {
            reports.flush();
        }
    }

    @Override
    public synchronized void report(dev.millrace.worker.engine.StepReport report) {
        outgoing.clear();
        ReportMessages.write(report, outgoing);
        sendOutgoing();
    }

    private void sendOutgoing() {
        if (!ended && !reports.add(outgoing)) {
            end(Status.RESOURCE_EXHAUSTED.withDescription("reports are not read; sequences were cancelled"));
        }
    }

    @Override
    public void arrivalsTaken() {
        reports.call().request(1);
    }

    @Override
    public void ended(String reason) {
        end(Status.UNAVAILABLE.withDescription(reason));
    }
}
