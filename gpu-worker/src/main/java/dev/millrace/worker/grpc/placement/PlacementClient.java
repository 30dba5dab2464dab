package dev.millrace.worker.grpc.placement;

import dev.millrace.proto.v1.AssignStage;
import dev.millrace.proto.v1.PlacementGrpc;
import dev.millrace.proto.v1.StageOrder;
import dev.millrace.proto.v1.WorkerReport;
import dev.millrace.worker.grpc.transport.Reasons;
import dev.millrace.worker.grpc.transport.Transport;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one registration stream to the tokenizer-service, for ever: dials, says who this worker is, passes orders on,
/// sends figures each second; dials again when the stream is lost.
public final class PlacementClient implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PlacementClient.class);

    private static final long FIRST_DELAY_MILLIS = 200;
    private static final long LONGEST_DELAY_MILLIS = 5_000;
    private static final long STATISTICS_MILLIS = 1_000;

    private final String target;
    private final WorkerFigures figures;
    private final ScheduledExecutorService timer;

    private final Object lock = new Object();
    private @Nullable Registration registration;
    private long delayMillis = FIRST_DELAY_MILLIS;
    private String lastFailure = "";
    private boolean closed;

    /// Prepares a client of the tokenizer-service at `target` (`host:port`); [#start] dials.
    public PlacementClient(String target, WorkerFigures figures, ScheduledExecutorService timer) {
        this.target = target;
        this.figures = figures;
        this.timer = timer;
    }

    /// Dials, passes orders on to `orders`, and keeps figures flowing.
    public void start(StageOrders orders) {
        var ignored = timer.scheduleAtFixedRate(
                this::sendStatistics, STATISTICS_MILLIS, STATISTICS_MILLIS, TimeUnit.MILLISECONDS);
        dial(orders);
    }

    private void dial(StageOrders orders) {
        synchronized (lock) {
            if (!closed) {
                registration = new Registration(orders);
                registration.open();
            }
        }
    }

    /// Tells the tokenizer-service how the stage is; lost when nobody listens.
    public void report(StageReport report) {
        send(WorkerMessages.state(report), false);
    }

    private void sendStatistics() {
        send(figures.statistics(), true);
    }

    private void send(WorkerReport report, boolean onlyWhenWritable) {
        synchronized (lock) {
            if (registration != null) {
                registration.send(report, onlyWhenWritable);
            }
        }
    }

    /// Ends the stream; the tokenizer-service takes the worker as gone.
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            if (registration != null) {
                registration.end();
                registration = null;
            }
        }
    }

    private void ordered(StageOrder order, StageOrders orders) {
        synchronized (lock) {
            delayMillis = FIRST_DELAY_MILLIS;
            lastFailure = "";
        }
        switch (order.getOrderCase()) {
            case ASSIGN -> assign(order.getAssign(), orders);
            case RELEASE -> orders.release(order.getRelease().getEpoch());
            case ORDER_NOT_SET -> log.warn("The tokenizer-service sent an order that this worker does not know");
        }
    }

    private void assign(AssignStage order, StageOrders orders) {
        try {
            orders.assign(WorkerMessages.assignment(order));
        } catch (IllegalArgumentException e) {
            report(new StageReport(order.getEpoch(), StagePhase.FAILED, String.valueOf(e.getMessage())));
        }
    }

    private void lost(Registration ended, Status status) {
        long wait;
        synchronized (lock) {
            ended.channel.shutdownNow();
            if (closed || ended != registration) {
                return;
            }
            registration = null;
            wait = delayMillis;
            delayMillis = Math.min(LONGEST_DELAY_MILLIS, 2 * delayMillis);
            String failure = Reasons.of(status);
            if (!failure.equals(lastFailure)) {
                log.warn("No tokenizer-service at {}: {}; dialling again", target, failure);
                lastFailure = failure;
            }
        }
        ended.orders.disconnected();
        var ignored = timer.schedule(() -> dial(ended.orders), wait, TimeUnit.MILLISECONDS);
    }

    /// One stream, on a channel of its own so that the address is looked up again each time.
    private final class Registration implements ClientResponseObserver<WorkerReport, StageOrder> {

        private final StageOrders orders;
        private final ManagedChannel channel = Transport.channel(target);
        private @Nullable ClientCallStreamObserver<WorkerReport> reports;

        Registration(StageOrders orders) {
            this.orders = orders;
        }

        void open() {
            PlacementGrpc.newStub(channel).register(this);
            send(figures.hello(), false);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WorkerReport> requests) {
            reports = requests;
        }

        void send(WorkerReport report, boolean onlyWhenWritable) {
            if (reports != null && (!onlyWhenWritable || reports.isReady())) {
                reports.onNext(report);
            }
        }

        void end() {
            if (reports != null) {
                reports.cancel("the worker ends the stream", null);
            }
            channel.shutdownNow();
        }

        @Override
        public void onNext(StageOrder order) {
            ordered(order, orders);
        }

        @Override
        public void onError(Throwable error) {
            lost(this, Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            lost(this, Status.UNAVAILABLE.withDescription("the tokenizer-service ended the registration"));
        }
    }
}
