package dev.millrace.worker.grpc.pipeline;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.PipelineGrpc;
import dev.millrace.proto.v1.StepReport;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/// Takes streams of tokenizer-services and connects each to the engine of the present epoch.
public final class PipelineService extends PipelineGrpc.PipelineImplBase {

    /// Batches of one stream that may lie in the engine's inbox; the rest waits in the network.
    private static final int BATCHES_AHEAD = 8;

    private volatile @Nullable Served served;

    private record Served(long epoch, SubmissionCheck check, EngineConnector engine) {}

    /// From now on streams belong to this epoch.
    public void serve(long epoch, int vocabularySize, EngineConnector engine) {
        served = new Served(epoch, new SubmissionCheck(vocabularySize), engine);
    }

    /// Takes no streams until the next [#serve]; those that are open end with their engine.
    public void stop() {
        served = null;
    }

    @Override
    public StreamObserver<ArrivalBatch> open(StreamObserver<StepReport> reports) {
        ServerCallStreamObserver<StepReport> call = (ServerCallStreamObserver<StepReport>) reports;
        Served now = served;
        if (now == null) {
            call.onError(Status.UNAVAILABLE
                    .withDescription("this worker holds no first stage of a pipeline")
                    .asRuntimeException());
            return new IgnoredBatches();
        }
        PipelineStream stream = new PipelineStream(now.epoch, now.check, new ReportQueue(call));
        call.disableAutoRequest();
        call.setOnReadyHandler(stream::writable);
        call.setOnCancelHandler(stream::gone);
        call.request(BATCHES_AHEAD);
        stream.connect(now.engine);
        return stream;
    }

    /// What comes on a stream that was refused.
    private static final class IgnoredBatches implements StreamObserver<ArrivalBatch> {

        @Override
        public void onNext(ArrivalBatch batch) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
