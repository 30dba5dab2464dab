package dev.millrace.worker.engine;

import dev.millrace.worker.schedule.Refusal;
import dev.millrace.worker.schedule.RefusalReason;
import dev.millrace.worker.schedule.Scheduler;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client as the engine sees it: its sequences and the report that is being gathered for it. [#arrive], [#close],
/// [#end] and [#abandon] may be called by any thread, the rest by the engine thread.
final class ClientConnection implements EngineClient {

    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    /// What a client sent, on its way through the inbox.
    record Arrival(ClientConnection client, ArrivalBatch batch) {}

    private final Mailbox<Arrival> inbox;
    private final EngineThread thread;
    private final ReportSink sink;
    private final StepReport report;
    private final Map<Long, ClientSequence> sequences = new HashMap<>();
    /// Closed by the client, given up because its sink threw, or told that the engine has ended.
    private final AtomicBoolean over = new AtomicBoolean();

    ClientConnection(Mailbox<Arrival> inbox, EngineThread thread, ReportSink sink, long epoch) {
        this.inbox = inbox;
        this.thread = thread;
        this.sink = sink;
        report = new StepReport(epoch);
    }

    @Override
    public boolean arrive(ArrivalBatch batch) {
        if (over.get() || !inbox.offer(new Arrival(this, batch))) {
            return false;
        }
        thread.wake();
        return true;
    }

    @Override
    public void close() {
        over.set(true);
        thread.wake();
    }

    /// Tells the client, unless it has gone, that nothing follows.
    void end(String reason) {
        if (abandon()) {
            try {
                sink.ended(reason);
            } catch (RuntimeException e) {
                log.warn("A client could not be told that the engine has ended", e);
            }
        }
    }

    /// The sink will not be called any more.
    ///
    /// @return false when that was so already
    boolean abandon() {
        return !over.getAndSet(true);
    }

    boolean isOver() {
        return over.get();
    }

    /// What the client will be told next.
    StepReport pending() {
        return report;
    }

    void forget(long sequenceId) {
        sequences.remove(sequenceId);
    }

    void take(ArrivalBatch batch, Scheduler scheduler) {
        for (Submission submission : batch.submitted()) {
            submit(submission, scheduler);
        }
        for (long sequenceId : batch.cancelled()) {
            ClientSequence sequence = sequences.remove(sequenceId);
            if (sequence != null) {
                scheduler.cancel(sequence.sequence());
            }
        }
        call(sink::arrivalsTaken);
    }

    private void submit(Submission submission, Scheduler scheduler) {
        long id = submission.sequenceId();
        if (sequences.containsKey(id)) {
            report.refuse(id, RefusalReason.INVALID, "sequence id " + Long.toUnsignedString(id) + " is in use");
            return;
        }
        ClientSequence sequence = new ClientSequence(this, submission);
        Refusal refusal = scheduler.submit(sequence.sequence());
        if (refusal == null) {
            sequences.put(id, sequence);
            report.accept(id);
        } else {
            report.refuse(id, refusal.reason(), refusal.message());
        }
    }

    void cancelAll(Scheduler scheduler) {
        for (ClientSequence sequence : sequences.values()) {
            scheduler.cancel(sequence.sequence());
        }
        sequences.clear();
    }

    /// Sends what has gathered.
    void flush() {
        if (!report.isEmpty()) {
            call(this::sendReport);
            report.clear();
        }
    }

    private void sendReport() {
        sink.report(report);
    }

    /// A client that cannot be told anything is given up; the others go on.
    private void call(Runnable action) {
        if (!over.get()) {
            try {
                action.run();
            } catch (RuntimeException e) {
                over.set(true);
                log.warn("A client is given up: its report could not be taken", e);
            }
        }
    }
}
