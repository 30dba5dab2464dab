package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationError;
import dev.millrace.proto.v1.GenerationFinished;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A gateway's end of one `Generate` call.
final class RecordedCall implements ClientResponseObserver<GenerateRequest, GenerateEvent> {
    final List<GenerateEvent> events = new ArrayList<>();
    private final int reads;
    private @Nullable ClientCallStreamObserver<GenerateRequest> call;
    private volatile @Nullable Status status;
    private @Nullable GenerationError error;

    /// A gateway that reads `reads` events and then waits for [#read], or that always reads when `reads` is negative.
    RecordedCall(int reads) {
        this.reads = reads;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> requestStream) {
        call = requestStream;
        if (reads >= 0) {
            requestStream.disableAutoRequestWithInitial(reads);
        }
    }

    @Override
    public void onNext(GenerateEvent event) {
        events.add(event);
    }

    @Override
    public void onError(Throwable failure) {
        var trailers = Status.trailersFromThrowable(failure);
        error = trailers == null ? null : trailers.get(RequestRefusal.ERROR_KEY);
        status = Status.fromThrowable(failure);
    }

    @Override
    public void onCompleted() {
        status = Status.OK;
    }

    void read(int count) {
        call().request(count);
    }

    void cancel() {
        call().cancel("the client is gone", null);
    }

    boolean isOver() {
        return status != null;
    }

    Status status() {
        if (status == null) {
            throw new AssertionError("the call runs");
        }
        return status;
    }

    GenerationError error() {
        if (error == null) {
            throw new AssertionError("the call has no error in its trailers: " + status);
        }
        return error;
    }

    List<GenerationDelta> deltas(int choice) {
        return events.stream()
                .filter(GenerateEvent::hasDelta)
                .map(GenerateEvent::getDelta)
                .filter(delta -> delta.getChoice() == choice)
                .toList();
    }

    String text(int choice) {
        StringBuilder text = new StringBuilder();
        deltas(choice).forEach(delta -> text.append(delta.getText()));
        return text.toString();
    }

    List<GeneratedToken> tokens(int choice) {
        return deltas(choice).stream()
                .flatMap(delta -> delta.getTokensList().stream())
                .toList();
    }

    /// The positions of all tokens, as events give them.
    List<Integer> indexes(int choice) {
        return deltas(choice).stream()
                .flatMap(delta -> IntStream.range(0, delta.getTokenIdsCount()).mapToObj(i -> delta.getFirstIndex() + i))
                .toList();
    }

    GenerationFinished finished(int choice) {
        List<GenerationFinished> ends = events.stream()
                .filter(GenerateEvent::hasFinished)
                .map(GenerateEvent::getFinished)
                .filter(end -> end.getChoice() == choice)
                .toList();
        if (ends.size() != 1) {
            throw new AssertionError("choice " + choice + " ended " + ends.size() + " times");
        }
        return ends.getFirst();
    }

    private ClientCallStreamObserver<GenerateRequest> call() {
        if (call == null) {
            throw new AssertionError("the call has not begun");
        }
        return call;
    }
}
