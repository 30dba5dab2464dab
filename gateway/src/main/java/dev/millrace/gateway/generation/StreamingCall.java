package dev.millrace.gateway.generation;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/// One gRPC call with one request and any number of responses, as a cold publisher: each subscription is a call.
///
/// The subscriber's demand is the call's flow control: a message that nobody asked for stays with gRPC and, once its
/// window is full, with the server. Cancelling the subscription cancels the call. A call that fails ends with
/// [io.grpc.StatusRuntimeException] and its trailers. Signals come on gRPC's threads.
///
/// @param <Q> the request message
/// @param <R> the response message
final class StreamingCall<Q, R> extends Flux<R> {
    private final Channel channel;
    private final MethodDescriptor<Q, R> method;
    private final CallOptions options;
    private final Q message;

    StreamingCall(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q message) {
        this.channel = channel;
        this.method = method;
        this.options = options;
        this.message = message;
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> subscriber) {
        Exchange<Q, R> exchange = new Exchange<>(channel.newCall(method, options), subscriber);
        subscriber.onSubscribe(exchange);
        exchange.start(message);
    }

    /// Both ends of one subscription: the subscriber's grip on the call, and the call's listener.
    private static final class Exchange<Q, R> extends ClientCall.Listener<R> implements Subscription {
        private static final long STARTED = -1;

        private final ClientCall<Q, R> call;
        private final CoreSubscriber<? super R> subscriber;

        /// Demand from before the call started, then STARTED: a call takes no demand earlier.
        private final AtomicLong earlyDemand = new AtomicLong();

        /// True when no more signals may reach the subscriber.
        private volatile boolean done;

        Exchange(ClientCall<Q, R> call, CoreSubscriber<? super R> subscriber) {
            this.call = call;
            this.subscriber = subscriber;
        }

        void start(Q message) {
            if (done) {
                return;
            }
            try {
                call.start(this, new Metadata());
                long demand = earlyDemand.getAndSet(STARTED);
                if (demand > 0) {
                    call.request(messages(demand));
                }
                call.sendMessage(message);
                call.halfClose();
            } catch (RuntimeException notSent) {
                // Also thrown where the subscriber cancels in between, and then nobody listens any more.
                call.cancel("the request could not be sent", notSent);
                fail(notSent);
                return;
            }
            if (done) {
                abandon();
            }
        }

        @Override
        public void request(long count) {
            if (!Operators.validate(count)) {
                return;
            }
            long before;
            do {
                before = earlyDemand.get();
                if (before == STARTED) {
                    call.request(messages(count));
                    return;
                }
            } while (!earlyDemand.compareAndSet(before, Operators.addCap(before, count)));
        }

        @Override
        public void cancel() {
            if (done) {
                return;
            }
            done = true;
            if (earlyDemand.get() == STARTED) {
                abandon();
            }
        }

        @Override
        public void onMessage(R message) {
            if (!done) {
                subscriber.onNext(message);
            }
        }

        @Override
        public void onClose(Status status, @Nullable Metadata trailers) {
            if (status.isOk()) {
                if (!done) {
                    done = true;
                    subscriber.onComplete();
                }
            } else {
                fail(status.asRuntimeException(trailers));
            }
        }

        private void fail(RuntimeException failure) {
            if (!done) {
                done = true;
                subscriber.onError(failure);
            }
        }

        private void abandon() {
            call.cancel("the subscriber is gone", null);
        }

        private static int messages(long demand) {
            return (int) Math.min(demand, Integer.MAX_VALUE);
        }
    }
}
