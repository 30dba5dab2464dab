package dev.millrace.gateway.generation;

import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.proto.v1.GenerationStarted;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// A Generation service in this process whose generations do what a test says.
final class InProcessServer implements AutoCloseable {
    private static final String NAME = InProcessServerBuilder.generateName();

    final AtomicInteger calls = new AtomicInteger();
    final ManagedChannel channel;
    private final Server server;
    private volatile Consumer<ServerCallStreamObserver<GenerateEvent>> script = StreamObserver::onCompleted;

    InProcessServer() throws IOException {
        server = InProcessServerBuilder.forName(NAME)
                .addService(new GenerationGrpc.GenerationImplBase() {
                    @Override
                    public void generate(GenerateRequest request, StreamObserver<GenerateEvent> observer) {
                        calls.incrementAndGet();
                        script.accept((ServerCallStreamObserver<GenerateEvent>) observer);
                    }
                })
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(NAME).build();
    }

    void script(Consumer<ServerCallStreamObserver<GenerateEvent>> replacement) {
        script = replacement;
    }

    StreamingCall<GenerateRequest, GenerateEvent> call() {
        return new StreamingCall<>(
                channel, GenerationGrpc.getGenerateMethod(), CallOptions.DEFAULT, GenerateRequest.getDefaultInstance());
    }

    static GenerateEvent started() {
        return GenerateEvent.newBuilder()
                .setStarted(GenerationStarted.newBuilder().setPromptTokens(1))
                .build();
    }

    static GenerateEvent delta(String text) {
        return GenerateEvent.newBuilder()
                .setDelta(GenerationDelta.newBuilder().setText(text))
                .build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
    }
}
