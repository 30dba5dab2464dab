package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.tokenizer.loop.ServiceLoop;
import dev.millrace.tokenizer.model.ServedModel;
import dev.millrace.tokenizer.pipeline.PipelineRouter;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes `Generate` calls: cheap checks at once, encoding on the pool, everything else on the loop.
final class GenerateHandler {
    /// Bytes under way in gRPC above which a stream counts as not ready and tokens begin to share messages.
    private static final int READY_BYTES = 2048;

    private static final Logger LOG = LoggerFactory.getLogger(GenerateHandler.class);

    private final ServedModel model;
    private final RequestPreparation preparation;
    private final EncodingPool pool;
    private final ServiceLoop loop;
    private final PipelineRouter router;
    private final ActiveCalls calls = new ActiveCalls();
    private volatile boolean closing;

    GenerateHandler(
            ServedModel model,
            RequestPreparation preparation,
            EncodingPool pool,
            ServiceLoop loop,
            PipelineRouter router) {
        this.model = model;
        this.preparation = preparation;
        this.pool = pool;
        this.loop = loop;
        this.router = router;
    }

    /// Called on gRPC's thread; never blocks.
    void generate(GenerateRequest request, ServerCallStreamObserver<EncodedEvent> stream) {
        GenerateCall call = new GenerateCall(stream, loop, router, model.text(), calls::remove);
        stream.setOnReadyThreshold(READY_BYTES);
        stream.setOnReadyHandler(() -> loop.execute(call::writable));
        loop.execute(() -> calls.add(call));
        Future<?> encoding;
        try {
            check(request);
            encoding = pool.submit(() -> encode(request, call, stream));
        } catch (RequestRefusal e) {
            stream.setOnCancelHandler(() -> {});
            loop.execute(() -> call.failed(e));
            return;
        }
        stream.setOnCancelHandler(() -> {
            encoding.cancel(false);
            loop.execute(call::cancelled);
        });
    }

    /// Takes no more calls and waits until the running ones are over, at the most so long; the rest is refused.
    void drain(Duration patience) throws InterruptedException {
        closing = true;
        CountDownLatch idle = new CountDownLatch(1);
        loop.execute(() -> calls.whenIdle(idle::countDown));
        if (!idle.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            loop.execute(() -> calls.refuseAll(RequestRefusal.noPipeline("The server is shutting down.")));
            idle.await(1, TimeUnit.SECONDS);
        }
    }

    private void check(GenerateRequest request) {
        if (!request.getModel().equals(model.id())) {
            throw RequestRefusal.unknownModel(request.getModel());
        }
        if (closing) {
            throw RequestRefusal.noPipeline("The server is shutting down.");
        }
        if (!router.available()) {
            throw RequestRefusal.noPipeline("No pipeline serves the model at the moment.");
        }
    }

    private void encode(GenerateRequest request, GenerateCall call, ServerCallStreamObserver<EncodedEvent> stream) {
        if (stream.isCancelled()) {
            return;
        }
        try {
            PreparedRequest prepared = preparation.prepare(request);
            loop.execute(() -> call.begin(prepared));
        } catch (RequestRefusal e) {
            loop.execute(() -> call.failed(e));
        } catch (RuntimeException | Error e) {
            LOG.error("Request {} could not be prepared", request.getRequestId(), e);
            loop.execute(() -> call.failed(RequestRefusal.internal()));
        }
    }
}
