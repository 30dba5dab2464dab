package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.tokenizer.model.ServedModel;
import dev.millrace.tokenizer.pipeline.EpochOpening;
import dev.millrace.tokenizer.pipeline.PipelineHost;
import dev.millrace.tokenizer.pipeline.PipelineKeeper;
import dev.millrace.tokenizer.pipeline.PipelineProbe;
import dev.millrace.tokenizer.pipeline.PipelineRouter;
import dev.millrace.tokenizer.pipeline.TokenClock;
import dev.millrace.tokenizer.placement.LayerSpan;
import dev.millrace.tokenizer.placement.PlacementView;
import dev.millrace.tokenizer.support.ByteTextModel;
import dev.millrace.tokenizer.support.ManualLoop;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// The whole service between a gateway and stage 0, all over in-process gRPC on the test's thread; only encoding runs
/// on
/// its pool.
final class GenerationBench implements AutoCloseable, PipelineHost.Listener {
    static final int CONTEXT = 64;

    final ManualLoop loop = new ManualLoop();
    final ScriptedPipeline pipeline = new ScriptedPipeline();
    final PipelineRouter router = new PipelineRouter(loop);
    final EncodingPool pool = new EncodingPool(1);
    final GenerationService service;
    final GenerationGrpc.GenerationBlockingV2Stub blocking;
    String reason = "";
    private final PipelineKeeper keeper;
    private final Server workerServer = server("worker-" + System.identityHashCode(this), pipeline);
    private final Server serviceServer;
    private final ManagedChannel workerChannel;
    private final ManagedChannel serviceChannel;

    GenerationBench() {
        String name = "service-" + System.identityHashCode(this);
        TokenClock clock = new TokenClock(loop);
        workerChannel = channel("worker-" + System.identityHashCode(this));
        EpochOpening opening = EpochOpening.overGrpc(loop, address -> workerChannel, clock, 'c');
        keeper = new PipelineKeeper(opening, router);
        ServedModel model = new ServedModel("demo", 1234, "abc", 4, CONTEXT, new ByteTextModel());
        StatusHandler status = new StatusHandler(
                "demo", loop, this::placement, router, new PipelineProbe(opening, router, clock), clock);
        service = new GenerationService(model, pool, loop, router, status);
        serviceServer = server(name, service);
        serviceChannel = channel(name);
        blocking = GenerationGrpc.newBlockingV2Stub(serviceChannel);
    }

    /// Brings the pipeline of an epoch into service.
    GenerationBench serve(long epoch) {
        keeper.serve(epoch, "worker:1", this);
        loop.run();
        if (!router.available()) {
            throw new AssertionError("the canary did not come through");
        }
        return this;
    }

    void lose() {
        keeper.withdraw("a worker is lost");
        loop.run();
    }

    static GenerateRequest.Builder request(String text) {
        return GenerateRequest.newBuilder()
                .setModel("demo")
                .setText(text)
                .setChoices(1)
                .setMaxTokens(40);
    }

    /// Starts a call and leaves it to the pool.
    RecordedCall start(GenerateRequest.Builder request, int reads) {
        RecordedCall call = new RecordedCall(reads);
        GenerationGrpc.newStub(serviceChannel).generate(request.build(), call);
        return call;
    }

    /// Starts a call and waits until its sequences arrived at stage 0.
    RecordedCall submit(GenerateRequest.Builder request, int reads) {
        int before = pipeline.submitted.size();
        RecordedCall call = start(request, reads);
        loop.runUntil(() -> pipeline.submitted.size() >= before + request.getChoices());
        return call;
    }

    RecordedCall submit(GenerateRequest.Builder request) {
        return submit(request, -1);
    }

    /// Starts a call that is refused.
    RecordedCall refused(GenerateRequest.Builder request) {
        RecordedCall call = start(request, -1);
        loop.runUntil(call::isOver);
        return call;
    }

    @Override
    public void serving() {}

    @Override
    public void lost(String reason) {}

    @Override
    public void close() {
        serviceChannel.shutdownNow();
        workerChannel.shutdownNow();
        serviceServer.shutdownNow();
        workerServer.shutdownNow();
        pool.close();
    }

    private PlacementView placement() {
        return new PlacementView(
                reason,
                7,
                List.of(new PlacementView.Stage(
                        "w", new LayerSpan(0, 4), dev.millrace.proto.v1.StageStatistics.getDefaultInstance())),
                1);
    }

    private static Server server(String name, BindableService service) {
        try {
            return InProcessServerBuilder.forName(name)
                    .directExecutor()
                    .addService(service)
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ManagedChannel channel(String name) {
        return InProcessChannelBuilder.forName(name).directExecutor().build();
    }
}
