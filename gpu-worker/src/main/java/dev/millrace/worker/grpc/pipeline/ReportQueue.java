package dev.millrace.worker.grpc.pipeline;

import dev.millrace.proto.v1.StepReport;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;

/// Reports on their way to one tokenizer-service. While its stream is not writable they are merged into few messages
/// and kept, up to a bound; nobody waits for a client that does not read. Not thread-safe.
final class ReportQueue {

    static final long MAX_PENDING_BYTES = 8 << 20;
    private static final int MAX_MESSAGE_BYTES = 256 << 10;

    private final ServerCallStreamObserver<StepReport> call;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private long pendingBytes;

    private static final class Pending {
        private final StepReport.Builder message = StepReport.newBuilder();
        private int bytes;
    }

    ReportQueue(ServerCallStreamObserver<StepReport> call) {
        this.call = call;
    }

    ServerCallStreamObserver<StepReport> call() {
        return call;
    }

    /// Sends a report, or keeps it.
    ///
    /// @return false when too much is kept already: the client does not read
    boolean add(StepReport report) {
        if (pending.isEmpty() && call.isReady()) {
            call.onNext(report);
            return true;
        }
        int bytes = report.getSerializedSize();
        if (pendingBytes + bytes > MAX_PENDING_BYTES) {
            return false;
        }
        Pending last = pending.peekLast();
        if (last == null || last.bytes + bytes > MAX_MESSAGE_BYTES) {
            last = new Pending();
            pending.addLast(last);
        }
        last.message.mergeFrom(report);
        last.bytes += bytes;
        pendingBytes += bytes;
        flush();
        return true;
    }

    /// Sends what is kept for as long as the stream is writable.
    void flush() {
        while (!pending.isEmpty() && call.isReady()) {
            Pending first = pending.removeFirst();
            pendingBytes -= first.bytes;
            call.onNext(first.message.build());
        }
    }
}
