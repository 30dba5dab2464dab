package dev.millrace.worker.grpc.pipeline;

import dev.millrace.proto.v1.StepReport;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stream to a tokenizer-service that is writable when the test says so.
final class RecordedCall extends ServerCallStreamObserver<ReportBytes> {

    final List<StepReport> sent = new ArrayList<>();
    boolean ready = true;
    int requested;

    @Nullable
    Status end;

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public void onNext(ReportBytes report) {
        try {
            sent.add(StepReport.parseFrom(report));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onError(Throwable error) {
        end = Status.fromThrowable(error);
    }

    @Override
    public void onCompleted() {
        end = Status.OK;
    }

    @Override
    public void request(int count) {
        requested += count;
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}
}
