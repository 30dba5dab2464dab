package dev.millrace.worker.config;

import dev.millrace.proto.v1.AssignStage;
import dev.millrace.proto.v1.PlacementGrpc;
import dev.millrace.proto.v1.StageOrder;
import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.proto.v1.WorkerHello;
import dev.millrace.proto.v1.WorkerReport;
import dev.millrace.worker.grpc.transport.Transport;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A tokenizer-service's placement, by hand: workers register, a test orders stages and looks at states. Stages go to
/// workers in the order of their ids.
final class TestPlacement extends PlacementGrpc.PlacementImplBase implements AutoCloseable {

    static final int CONTEXT_LENGTH = 384;
    private static final long PATIENCE_SECONDS = 60;

    private final Server server;
    private final Map<String, Registered> workers = new TreeMap<>();
    private final BlockingQueue<Said> states = new LinkedBlockingQueue<>();
    private final Map<String, StageStatistics> statistics = new ConcurrentHashMap<>();
    private final List<String> progress = new ArrayList<>();
    private long epoch = 1000;

    /// A worker's state.
    record Said(String worker, StageState state) {}

    private record Registered(WorkerHello hello, StreamObserver<StageOrder> orders) {}

    TestPlacement() throws IOException {
        server = Transport.server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1 << 20)
                .addService(this)
                .build()
                .start();
    }

    String target() {
        return "127.0.0.1:" + server.getPort();
    }

    long epoch() {
        return epoch;
    }

    synchronized WorkerHello hello(String worker) throws InterruptedException {
        awaitWorkers(1);
        return require(worker).hello();
    }

    private Registered require(String worker) {
        Registered registered = workers.get(worker);
        if (registered == null) {
            throw new IllegalStateException(worker + " is not registered");
        }
        return registered;
    }

    /// The latest figures of a worker; waits for the next ones.
    StageStatistics nextStatistics(String worker) throws InterruptedException {
        statistics.remove(worker);
        for (int i = 0; i < 100 * PATIENCE_SECONDS; i++) {
            StageStatistics latest = statistics.get(worker);
            if (latest != null) {
                return latest;
            }
            Thread.sleep(10);
        }
        throw new IllegalStateException("no figures of " + worker);
    }

    /// Waits until exactly that many workers are registered.
    synchronized void awaitWorkers(int count) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (workers.size() != count) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(workers.keySet() + " are registered instead of " + count);
            }
            wait(100);
        }
    }

    /// Orders a pipeline of a new epoch over all workers, and waits until each is ready.
    ///
    /// @return the address of its first stage
    String form(int stages) throws InterruptedException {
        String first = order(stages);
        for (int ready = 0; ready < stages; ready++) {
            Said said = next();
            if (said.state().getPhaseValue() != dev.millrace.proto.v1.StagePhase.STAGE_PHASE_READY_VALUE) {
                throw new IllegalStateException(said.toString());
            }
        }
        return first;
    }

    /// Orders a pipeline of a new epoch over all workers.
    synchronized String order(int stages) throws InterruptedException {
        awaitWorkers(stages);
        epoch++;
        List<Registered> order = new ArrayList<>(workers.values());
        String firstAddress = order.getFirst().hello().getAddress();
        int firstLayer = 0;
        for (int stage = 0; stage < stages; stage++) {
            int layers = (DemoModel.LAYERS - firstLayer) / (stages - stage);
            boolean last = stage == stages - 1;
            assign(
                    order.get(stage),
                    assignment(stage, stages)
                            .setFirstLayer(firstLayer)
                            .setLayerCount(layers)
                            .setNextAddress(
                                    last ? "" : order.get(stage + 1).hello().getAddress())
                            .setFirstAddress(firstAddress));
            firstLayer += layers;
        }
        return firstAddress;
    }

    AssignStage.Builder assignment(int stage, int stages) {
        return AssignStage.newBuilder()
                .setEpoch(epoch)
                .setStage(stage)
                .setStageCount(stages)
                .setLayerCount(DemoModel.LAYERS)
                .setContextLength(CONTEXT_LENGTH)
                .setMaxSequences(8)
                .setKvBlocks(8 * CONTEXT_LENGTH / 16)
                .setBatchTokens(128)
                .setMaxWaiting(64)
                .setPrefixCache(true)
                .setPrefillChunkTokens(64);
    }

    synchronized void assign(String worker, AssignStage.Builder assignment) {
        assign(require(worker), assignment);
    }

    private static void assign(Registered worker, AssignStage.Builder assignment) {
        worker.orders().onNext(StageOrder.newBuilder().setAssign(assignment).build());
    }

    synchronized void release(String worker) {
        StageOrder.Builder order = StageOrder.newBuilder();
        order.getReleaseBuilder().setEpoch(epoch);
        require(worker).orders().onNext(order.build());
    }

    /// Ends a worker's registration.
    synchronized void drop(String worker) {
        Registered registered = require(worker);
        workers.remove(worker);
        registered.orders().onCompleted();
    }

    /// What workers have said while they loaded, before the latest [#next].
    List<String> progress() {
        return progress;
    }

    /// The next state that is not progress of loading, of the present epoch.
    Said next() throws InterruptedException {
        while (true) {
            Said said = states.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (said == null) {
                throw new IllegalStateException("no worker said anything");
            }
            if (said.state().getPhaseValue() == dev.millrace.proto.v1.StagePhase.STAGE_PHASE_LOADING_VALUE) {
                progress.add(said.state().getMessage());
            } else if (said.state().getEpoch() == epoch) {
                return said;
            }
        }
    }

    @Override
    public StreamObserver<WorkerReport> register(StreamObserver<StageOrder> orders) {
        return new StreamObserver<>() {
            private String worker = "";

            @Override
            public void onNext(WorkerReport report) {
                switch (report.getReportCase()) {
                    case HELLO -> {
                        worker = report.getHello().getWorkerId();
                        changeWorkers(() -> workers.put(worker, new Registered(report.getHello(), orders)));
                    }
                    case STATE -> states.add(new Said(worker, report.getState()));
                    case STATISTICS -> statistics.put(worker, report.getStatistics());
                    case REPORT_NOT_SET -> throw new IllegalStateException("an empty report");
                }
            }

            @Override
            public void onError(Throwable error) {
                changeWorkers(() -> workers.values()
                        .removeIf(registered -> registered.orders().equals(orders)));
            }

            @Override
            public void onCompleted() {
                onError(new IOException("completed"));
            }
        };
    }

    private synchronized void changeWorkers(Runnable change) {
        change.run();
        notifyAll();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
