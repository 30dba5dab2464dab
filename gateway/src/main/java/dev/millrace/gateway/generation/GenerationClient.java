package dev.millrace.gateway.generation;

import dev.millrace.proto.v1.ApplyTemplateRequest;
import dev.millrace.proto.v1.ApplyTemplateResponse;
import dev.millrace.proto.v1.DetokenizeRequest;
import dev.millrace.proto.v1.DetokenizeResponse;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.proto.v1.GetStatusRequest;
import dev.millrace.proto.v1.GetStatusResponse;
import dev.millrace.proto.v1.ListModelsRequest;
import dev.millrace.proto.v1.ListModelsResponse;
import dev.millrace.proto.v1.TokenizeRequest;
import dev.millrace.proto.v1.TokenizeResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// The tokenizer-service as the gateway sees it. Every publisher is cold and fails with an [ApiException] that can be
/// shown to a client; cancelling it cancels the call.
public final class GenerationClient {
    private static final MethodDescriptor<GenerateRequest, AnswerEvent> GENERATE =
            GenerationGrpc.getGenerateMethod().toBuilder(
                            GenerationGrpc.getGenerateMethod().getRequestMarshaller(), new AnswerEvents())
                    .build();

    private final TokenizerChannels channels;
    private final Duration callTimeout;
    private final OpeningGuard opening;

    /// @param channels the ways to the tokenizer-service, closed by their owner
    /// @param callTimeout how long a call with a single answer may take
    /// @param openTimeout how long a generation may take to its first event
    public GenerationClient(TokenizerChannels channels, Duration callTimeout, Duration openTimeout) {
        this.channels = channels;
        this.callTimeout = callTimeout;
        this.opening = new OpeningGuard(openTimeout);
        // Connects now, and not while the first client waits.
        channels.each(channel -> channel.getState(true));
    }

    /// Opens a generation; the events flow as fast as they are asked for.
    public Flux<AnswerEvent> generate(GenerateRequest request) {
        return opening.watch(Flux.defer(() -> call(GENERATE, CallOptions.DEFAULT, request)))
                .onErrorMap(CallErrors::forClient);
    }

    /// The models that are served.
    public Mono<ListModelsResponse> models() {
        return answer(GenerationGrpc.getListModelsMethod(), ListModelsRequest.getDefaultInstance());
    }

    /// The state of the pipelines.
    ///
    /// @param deadline how long the answer may take
    public Mono<GetStatusResponse> status(Duration deadline) {
        return single(GenerationGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance(), deadline)
                .onErrorMap(CallErrors::forClient);
    }

    /// Text to ids.
    public Mono<TokenizeResponse> tokenize(TokenizeRequest request) {
        return answer(GenerationGrpc.getTokenizeMethod(), request);
    }

    /// Ids to text.
    public Mono<DetokenizeResponse> detokenize(DetokenizeRequest request) {
        return answer(GenerationGrpc.getDetokenizeMethod(), request);
    }

    /// A conversation to a prompt.
    public Mono<ApplyTemplateResponse> applyTemplate(ApplyTemplateRequest request) {
        return answer(GenerationGrpc.getApplyTemplateMethod(), request);
    }

    private <Q, R> Mono<R> answer(MethodDescriptor<Q, R> method, Q request) {
        return opening.retry(single(method, request, callTimeout)).onErrorMap(CallErrors::forClient);
    }

    private <Q, R> Mono<R> single(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        return Flux.defer(() -> call(
                        method,
                        // A deadline is a point in time: it belongs to a subscription.
                        CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS),
                        request))
                .singleOrEmpty();
    }

    private <Q, R> Flux<R> call(MethodDescriptor<Q, R> method, CallOptions options, Q request) {
        return new StreamingCall<>(channels.mine(), method, options, request)
                .doOnError(CallErrors::isNobodyThere, nobody -> {
                    // Otherwise gRPC's own pauses between attempts to connect grow to two minutes.
                    channels.each(ManagedChannel::resetConnectBackoff);
                });
    }
}
