package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.tokenizer.loop.ServiceLoop;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A `Pipeline.Open` stream. gRPC's threads only pass events on to the loop; reports are asked for when earlier ones
/// were handled, so that a busy loop slows the stream down instead of filling its queue.
final class GrpcPipelineLink implements PipelineLink, ClientResponseObserver<ArrivalBatch, ReceivedReport> {
    private static final int REPORTS_ON_THE_WAY = 64;
    /// Asking for several at once saves a task of the connection's thread for each.
    private static final int REPORTS_ASKED_FOR = REPORTS_ON_THE_WAY / 4;

    private final ServiceLoop loop;
    private final PipelineLink.Listener listener;
    private @Nullable ClientCallStreamObserver<ArrivalBatch> call;
    private boolean ended;
    private int handled;

    GrpcPipelineLink(ServiceLoop loop, PipelineLink.Listener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ArrivalBatch> requestStream) {
        call = requestStream;
        requestStream.disableAutoRequestWithInitial(REPORTS_ON_THE_WAY);
        requestStream.setOnReadyHandler(() -> loop.execute(() -> {
            if (!ended) {
                listener.writable();
            }
        }));
    }

    @Override
    public void onNext(ReceivedReport report) {
        loop.execute(() -> {
            if (!ended) {
                try {
                    listener.report(report);
                } finally {
                    handled();
                }
            }
        });
    }

    private void handled() {
        handled++;
        if (handled == REPORTS_ASKED_FOR) {
            handled = 0;
            call().request(REPORTS_ASKED_FOR);
        }
    }

    @Override
    public void onError(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        String description = status.getDescription();
        end(description == null ? status.getCode().name() : status.getCode().name() + ", " + description);
    }

    @Override
    public void onCompleted() {
        end("stage 0 ended the stream");
    }

    @Override
    public void send(ArrivalBatch batch) {
        call().onNext(batch);
    }

    @Override
    public boolean writable() {
        return !ended && call().isReady();
    }

    @Override
    public void close(String reason) {
        if (!ended) {
            ended = true;
            call().cancel(reason, null);
        }
    }

    private void end(String reason) {
        loop.execute(() -> {
            if (!ended) {
                ended = true;
                listener.lost(reason);
            }
        });
    }

    /// gRPC gives the call before the method that opens the stream returns.
    private ClientCallStreamObserver<ArrivalBatch> call() {
        return Objects.requireNonNull(call);
    }
}
