package dev.millrace.worker.grpc.pipeline;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;

/// Reports on their way to one tokenizer-service. While its stream is not writable they are merged into few messages
/// and kept, up to a bound; nobody waits for a client that does not read. Not thread-safe.
final class ReportQueue {

    static final long MAX_PENDING_BYTES = 8 << 20;
    private static final int MAX_MESSAGE_BYTES = 256 << 10;

    private final ServerCallStreamObserver<ReportBytes> call;
    private final ArrayDeque<ReportBytes> pending = new ArrayDeque<>();
    private long pendingBytes;

    ReportQueue(ServerCallStreamObserver<ReportBytes> call) {
        this.call = call;
    }

    ServerCallStreamObserver<ReportBytes> call() {
        return call;
    }

    /// Sends a report, or keeps it; its bytes may be used again afterwards.
    ///
    /// @return false when too much is kept already: the client does not read
    boolean add(ReportBytes report) {
        if (pending.isEmpty() && call.isReady()) {
            call.onNext(report);
            return true;
        }
        if (pendingBytes + report.length() > MAX_PENDING_BYTES) {
            return false;
        }
        ReportBytes last = pending.peekLast();
        if (last == null || last.length() + report.length() > MAX_MESSAGE_BYTES) {
            last = new ReportBytes();
            pending.addLast(last);
        }
        last.append(report);
        pendingBytes += report.length();
        flush();
        return true;
    }

    /// Sends what is kept for as long as the stream is writable.
    void flush() {
        while (!pending.isEmpty() && call.isReady()) {
            ReportBytes first = pending.removeFirst();
            pendingBytes -= first.length();
            call.onNext(first);
        }
    }
}
