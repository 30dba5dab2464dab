package dev.millrace.gateway.fake;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.ApplyTemplateRequest;
import dev.millrace.proto.v1.ApplyTemplateResponse;
import dev.millrace.proto.v1.DetokenizeRequest;
import dev.millrace.proto.v1.DetokenizeResponse;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationError;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.proto.v1.GenerationStarted;
import dev.millrace.proto.v1.GetStatusRequest;
import dev.millrace.proto.v1.GetStatusResponse;
import dev.millrace.proto.v1.ListModelsRequest;
import dev.millrace.proto.v1.ListModelsResponse;
import dev.millrace.proto.v1.Model;
import dev.millrace.proto.v1.TokenizeRequest;
import dev.millrace.proto.v1.TokenizeResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A tokenizer-service on a loopback port. It writes text that follows from prompt and seed, unless a test replaces
/// what it does with a script of its own; it keeps the requests and counts the calls that are open.
public final class FakeTokenizer extends GenerationGrpc.GenerationImplBase implements AutoCloseable {
    /// The only model.
    public static final String MODEL = "fake/model-1";

    /// Tokens of prompt and output together.
    public static final int CONTEXT_LENGTH = 4096;

    private static final Metadata.Key<GenerationError> DETAILS =
            Metadata.Key.of("millrace-error-bin", ProtoUtils.metadataMarshaller(GenerationError.getDefaultInstance()));

    private final Server server;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();
    private final Queue<GenerateRequest> requests = new ConcurrentLinkedQueue<>();
    private volatile Script script = FakeTokenizer::write;
    private volatile boolean statusHeld;
    private volatile GetStatusResponse status =
            GetStatusResponse.newBuilder().setReady(true).build();

    /// What a generation does.
    @FunctionalInterface
    public interface Script {
        /// Answers one call.
        void run(GenerateRequest request, ServerCallStreamObserver<GenerateEvent> events);
    }

    /// @param port 0 for any free one
    public FakeTokenizer(int port) throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .maxInboundMessageSize(64 << 20)
                .addService(this)
                .build()
                .start();
    }

    /// Where it listens.
    public int port() {
        return server.getPort();
    }

    /// Where it listens, as the gateway wants to know it.
    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    /// Replaces what generations do.
    public void script(Script replacement) {
        script = replacement;
    }

    /// Replaces what is said about the pipelines.
    public void status(GetStatusResponse replacement) {
        status = replacement;
    }

    /// Says nothing about the pipelines any more.
    public void holdStatus() {
        statusHeld = true;
    }

    /// Back to the start.
    public void reset() {
        script = FakeTokenizer::write;
        status = GetStatusResponse.newBuilder().setReady(true).build();
        statusHeld = false;
        requests.clear();
        calls.set(0);
    }

    /// Generations that have neither ended nor been cancelled.
    public int open() {
        return open.get();
    }

    /// Generations since the last reset.
    public int calls() {
        return calls.get();
    }

    /// Requests of generations since the last reset.
    public List<GenerateRequest> requests() {
        return List.copyOf(requests);
    }

    /// A failure as the contract words it.
    public static StatusRuntimeException failure(Status status, GenerationError details) {
        Metadata trailers = new Metadata();
        trailers.put(DETAILS, details);
        return status.asRuntimeException(trailers);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateEvent> observer) {
        ServerCallStreamObserver<GenerateEvent> events = (ServerCallStreamObserver<GenerateEvent>) observer;
        requests.add(request);
        calls.incrementAndGet();
        open.incrementAndGet();
        events.setOnCancelHandler(open::decrementAndGet);
        events.setOnCloseHandler(open::decrementAndGet);
        script.run(request, events);
    }

    /// Writes text as fast as the gateway takes it.
    public static void write(GenerateRequest request, ServerCallStreamObserver<GenerateEvent> events) {
        if (!request.getModel().equals(MODEL)) {
            events.onError(failure(
                    Status.NOT_FOUND.withDescription("there is no model \"" + request.getModel() + "\" here"),
                    GenerationError.newBuilder()
                            .setCode("model_not_found")
                            .setParameter("model")
                            .build()));
            return;
        }
        int promptTokens = promptTokens(request);
        if ((long) promptTokens + request.getMaxTokens() > CONTEXT_LENGTH) {
            events.onError(failure(
                    Status.INVALID_ARGUMENT.withDescription(
                            "the prompt has " + promptTokens + " tokens, the context " + CONTEXT_LENGTH),
                    GenerationError.newBuilder()
                            .setCode("context_length_exceeded")
                            .setParameter("messages")
                            .build()));
            return;
        }
        send(events, eventsOf(request, promptTokens));
    }

    /// Sends events as fast as the gateway takes them.
    public static void send(ServerCallStreamObserver<GenerateEvent> events, List<GenerateEvent> list) {
        List<GenerateEvent> left = new ArrayList<>(list.reversed());
        events.setOnReadyHandler(() -> {
            while (events.isReady() && !left.isEmpty()) {
                events.onNext(left.removeLast());
                if (left.isEmpty()) {
                    events.onCompleted();
                }
            }
        });
    }

    /// Everything that a request leads to, choices taking turns.
    public static List<GenerateEvent> eventsOf(GenerateRequest request, int promptTokens) {
        List<List<GenerateEvent>> choices = new ArrayList<>();
        boolean greedy = request.getSampling().getTemperature() == 0
                || request.getSampling().getTopP() < 0.001f;
        for (int choice = 0; choice < request.getChoices(); choice++) {
            long seed =
                    greedy ? 0 : request.getSeedGiven() ? request.getSampling().getSeed() + choice : choice;
            choices.add(FakeText.events(request, promptHash(request), seed, choice));
        }
        List<GenerateEvent> all = new ArrayList<>();
        all.add(GenerateEvent.newBuilder()
                .setStarted(GenerationStarted.newBuilder().setPromptTokens(promptTokens))
                .build());
        int longest = choices.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (List<GenerateEvent> choice : choices) {
                if (i < choice.size()) {
                    all.add(choice.get(i));
                }
            }
        }
        return all;
    }

    private static int promptTokens(GenerateRequest request) {
        return switch (request.getPromptCase()) {
            case CONVERSATION -> 1 + request.getConversation().getMessagesJson().length() / 4;
            case TEXT -> 1 + request.getText().length() / 4;
            case TOKEN_IDS -> request.getTokenIds().getIdsCount();
            case PROMPT_NOT_SET -> 0;
        };
    }

    private static int promptHash(GenerateRequest request) {
        return switch (request.getPromptCase()) {
            case CONVERSATION -> request.getConversation().getMessagesJson().hashCode();
            case TEXT -> request.getText().hashCode();
            case TOKEN_IDS -> request.getTokenIds().getIdsList().hashCode();
            case PROMPT_NOT_SET -> 0;
        };
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
        answer(
                observer,
                ListModelsResponse.newBuilder()
                        .addModels(Model.newBuilder()
                                .setId(MODEL)
                                .setCreatedSeconds(1_790_000_000L)
                                .setContextLength(CONTEXT_LENGTH)
                                .setVocabularySize(FakeVocabulary.size())
                                .setHasChatTemplate(true))
                        .build());
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
        if (!statusHeld) {
            answer(observer, status);
        }
    }

    /// One token a letter.
    @Override
    public void tokenize(TokenizeRequest request, StreamObserver<TokenizeResponse> observer) {
        TokenizeResponse.Builder tokens = TokenizeResponse.newBuilder();
        byte[] bytes = request.getText().getBytes(StandardCharsets.UTF_8);
        if (request.getAddSpecial()) {
            tokens.addTokenIds(1000).addPieces(ByteString.copyFromUtf8("<s>"));
        }
        for (byte unit : bytes) {
            tokens.addTokenIds(unit & 0xff).addPieces(ByteString.copyFrom(new byte[] {unit}));
        }
        answer(observer, tokens.build());
    }

    @Override
    public void detokenize(DetokenizeRequest request, StreamObserver<DetokenizeResponse> observer) {
        StringBuilder text = new StringBuilder();
        request.getTokenIdsList().forEach(text::appendCodePoint);
        answer(
                observer,
                DetokenizeResponse.newBuilder().setText(text.toString()).build());
    }

    /// Shows what it was given.
    @Override
    public void applyTemplate(ApplyTemplateRequest request, StreamObserver<ApplyTemplateResponse> observer) {
        answer(
                observer,
                ApplyTemplateResponse.newBuilder()
                        .setPrompt(request.getModel() + "|"
                                + request.getConversation().getMessagesJson() + "|"
                                + request.getConversation().getToolsJson() + "|"
                                + request.getConversation().getAddGenerationPrompt() + "|"
                                + request.getConversation().getVariablesJson())
                        .build());
    }

    private static <R> void answer(StreamObserver<R> observer, R message) {
        observer.onNext(message);
        observer.onCompleted();
    }
}
