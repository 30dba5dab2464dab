package dev.millrace.gateway.generation;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.proto.v1.GenerationStarted;
import dev.millrace.proto.v1.GetStatusRequest;
import dev.millrace.proto.v1.GetStatusResponse;
import dev.millrace.proto.v1.ListModelsRequest;
import dev.millrace.proto.v1.ListModelsResponse;
import dev.millrace.proto.v1.Model;
import dev.millrace.proto.v1.TokenLogprob;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// Plays the tokenizer-service in a training run: a few fixed tokens, so that the JVM's cache holds the whole way of an
/// answer.
public final class RehearsalTokenizer implements AutoCloseable {
    private static final int TOKENS = 64;

    private final Server server;

    /// Starts on any free port of this machine.
    public RehearsalTokenizer() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addService(new Service())
                .build()
                .start();
    }

    /// Host and port.
    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private static final class Service extends GenerationGrpc.GenerationImplBase {
        @Override
        public void generate(GenerateRequest request, StreamObserver<GenerateEvent> events) {
            events.onNext(GenerateEvent.newBuilder()
                    .setStarted(GenerationStarted.newBuilder().setPromptTokens(1))
                    .build());
            for (int index = 0; index < TOKENS; index++) {
                events.onNext(GenerateEvent.newBuilder()
                        .setDelta(GenerationDelta.newBuilder()
                                .setText("a")
                                .addTokenIds(0)
                                .setFirstIndex(index)
                                .addTokens(token()))
                        .build());
            }
            events.onNext(GenerateEvent.newBuilder()
                    .setFinished(GenerationFinished.newBuilder()
                            .setReason(FinishReason.FINISH_REASON_LENGTH)
                            .setCompletionTokens(TOKENS))
                    .build());
            events.onCompleted();
        }

        @Override
        public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> answer) {
            answer.onNext(ListModelsResponse.newBuilder()
                    .addModels(Model.newBuilder().setId("rehearsal"))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> answer) {
            answer.onNext(GetStatusResponse.newBuilder().setReady(true).build());
            answer.onCompleted();
        }

        private static GeneratedToken token() {
            ByteString bytes = ByteString.copyFromUtf8("a");
            return GeneratedToken.newBuilder()
                    .setBytes(bytes)
                    .setLogprob(TokenLogprob.newBuilder().addTopTokenIds(0).addTopLogprobs(0))
                    .addTopTokenBytes(bytes)
                    .build();
        }
    }
}
