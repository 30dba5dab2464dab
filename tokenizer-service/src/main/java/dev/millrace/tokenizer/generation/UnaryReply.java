package dev.millrace.tokenizer.generation;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers calls with one message, computed on the encoding pool.
final class UnaryReply {
    private static final Logger LOG = LoggerFactory.getLogger(UnaryReply.class);

    private UnaryReply() {}

    static <T> void compute(EncodingPool pool, StreamObserver<T> observer, Supplier<T> answer) {
        tolerateCancel(observer);
        try {
            pool.submit(() -> run(observer, answer));
        } catch (RequestRefusal e) {
            observer.onError(e.toStatus());
        }
    }

    static <T> void send(StreamObserver<T> observer, T answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    /// With a handler set, answering a caller that has left is no error.
    static void tolerateCancel(StreamObserver<?> observer) {
        ((ServerCallStreamObserver<?>) observer).setOnCancelHandler(() -> {});
    }

    private static <T> void run(StreamObserver<T> observer, Supplier<T> answer) {
        try {
            send(observer, answer.get());
        } catch (RequestRefusal e) {
            observer.onError(e.toStatus());
        } catch (RuntimeException | Error e) {
            LOG.error("A call failed", e);
            observer.onError(RequestRefusal.internal().toStatus());
        }
    }
}
