package dev.millrace.worker.grpc.pipeline;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.PipelineGrpc;
import dev.millrace.proto.v1.StepReport;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Takes streams of tokenizer-services and connects each to the engine of the present epoch.
public final class PipelineService implements BindableService {

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
    public ServerServiceDefinition bindService() {
        MethodDescriptor<ArrivalBatch, StepReport> generated = PipelineGrpc.getOpenMethod();
        MethodDescriptor<ArrivalBatch, ReportBytes> sending = generated.toBuilder(
                        generated.getRequestMarshaller(), new ReportMarshaller())
                .build();
        return ServerServiceDefinition.builder(PipelineGrpc.SERVICE_NAME)
                .addMethod(sending, ServerCalls.asyncBidiStreamingCall(this::open))
                .build();
    }

    private StreamObserver<ArrivalBatch> open(StreamObserver<ReportBytes> reports) {
        ServerCallStreamObserver<ReportBytes> call = (ServerCallStreamObserver<ReportBytes>) reports;
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

    /// Reports are protobuf's bytes already.
    private static final class ReportMarshaller implements MethodDescriptor.Marshaller<ReportBytes> {

        @Override
        public InputStream stream(ReportBytes report) {
            return report;
        }

        @Override
        public ReportBytes parse(InputStream stream) {
            throw new UnsupportedOperationException("the serving end of a pipeline receives no reports");
        }
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
