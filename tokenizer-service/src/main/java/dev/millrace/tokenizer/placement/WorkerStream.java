package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.StageOrder;
import dev.millrace.proto.v1.WorkerReport;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/// One `Placement.Register` stream: hello first, then reports. Used on the service loop only.
final class WorkerStream implements WorkerConnection {
    private final WorkerRoster roster;
    private final ServerCallStreamObserver<StageOrder> orders;
    private @Nullable Worker worker;
    private boolean closed;

    /// Made on gRPC's thread, before any message.
    WorkerStream(WorkerRoster roster, ServerCallStreamObserver<StageOrder> orders) {
        this.roster = roster;
        this.orders = orders;
        // With a handler set, sending to a stream that the worker has just left is no error.
        orders.setOnCancelHandler(() -> {});
    }

    void report(WorkerReport report) {
        if (closed) {
            return;
        }
        Worker known = worker;
        switch (report.getReportCase()) {
            case HELLO -> {
                if (known == null) {
                    worker = roster.register(report.getHello(), this).orElse(null);
                } else {
                    protocolError("A second hello came on one stream.");
                }
            }
            case STATE -> {
                if (known == null) {
                    protocolError("A state came before the hello.");
                } else {
                    roster.state(known, report.getState());
                }
            }
            case STATISTICS -> {
                if (known == null) {
                    protocolError("Statistics came before the hello.");
                } else {
                    roster.statistics(known, report.getStatistics());
                }
            }
            case REPORT_NOT_SET -> protocolError("An empty report came.");
        }
    }

    void ended(String why) {
        if (!closed) {
            closed = true;
            orders.onCompleted();
            if (worker != null) {
                roster.disconnected(worker, why);
            }
        }
    }

    @Override
    public void send(StageOrder order) {
        if (!closed) {
            orders.onNext(order);
        }
    }

    @Override
    public void close(Status status) {
        if (!closed) {
            closed = true;
            orders.onError(status.asRuntimeException());
        }
    }

    private void protocolError(String description) {
        close(Status.INVALID_ARGUMENT.withDescription(description));
        if (worker != null) {
            roster.disconnected(worker, description);
        }
    }
}
