package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.ApplyTemplateRequest;
import dev.millrace.proto.v1.ApplyTemplateResponse;
import dev.millrace.proto.v1.DetokenizeRequest;
import dev.millrace.proto.v1.DetokenizeResponse;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.proto.v1.GetStatusRequest;
import dev.millrace.proto.v1.GetStatusResponse;
import dev.millrace.proto.v1.ListModelsRequest;
import dev.millrace.proto.v1.ListModelsResponse;
import dev.millrace.proto.v1.Model;
import dev.millrace.proto.v1.TokenizeRequest;
import dev.millrace.proto.v1.TokenizeResponse;
import dev.millrace.tokenizer.loop.ServiceLoop;
import dev.millrace.tokenizer.model.ServedModel;
import dev.millrace.tokenizer.pipeline.PipelineRouter;
import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.security.SecureRandom;
import java.time.Duration;

/// The Generation service: hands each call to the class that serves it. No method blocks.
public final class GenerationService implements GenerationGrpc.AsyncService, BindableService {
    private final ServedModel model;
    private final EncodingPool pool;
    private final GenerateHandler generate;
    private final TextHandler text;
    private final StatusHandler status;

    /// Serves `model` from the pipeline behind `router`.
    public GenerationService(
            ServedModel model, EncodingPool pool, ServiceLoop loop, PipelineRouter router, StatusHandler status) {
        this.model = model;
        this.pool = pool;
        this.status = status;
        PromptEncoder encoder = new PromptEncoder(model.text());
        RequestPreparation preparation = new RequestPreparation(model, encoder, new SecureRandom()::nextLong);
        generate = new GenerateHandler(model, preparation, pool, loop, router);
        text = new TextHandler(model, encoder);
    }

    /// The generated binding, but for the method that streams.
    @Override
    public ServerServiceDefinition bindService() {
        ServerServiceDefinition.Builder methods = ServerServiceDefinition.builder(GenerationGrpc.SERVICE_NAME);
        String streamed = GenerateMethod.DESCRIPTOR.getFullMethodName();
        for (ServerMethodDefinition<?, ?> method :
                GenerationGrpc.bindService(this).getMethods()) {
            if (!method.getMethodDescriptor().getFullMethodName().equals(streamed)) {
                methods.addMethod(method);
            }
        }
        return methods.addMethod(
                        GenerateMethod.DESCRIPTOR,
                        ServerCalls.asyncServerStreamingCall((request, observer) ->
                                generate.generate(request, (ServerCallStreamObserver<EncodedEvent>) observer)))
                .build();
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
        UnaryReply.send(
                observer,
                ListModelsResponse.newBuilder()
                        .addModels(Model.newBuilder()
                                .setId(model.id())
                                .setCreatedSeconds(model.createdSeconds())
                                .setContextLength(model.contextLength())
                                .setVocabularySize(model.text().vocabularySize())
                                .setHasChatTemplate(model.text().hasChatTemplate()))
                        .build());
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
        UnaryReply.tolerateCancel(observer);
        status.status(answer -> UnaryReply.send(observer, answer));
    }

    @Override
    public void tokenize(TokenizeRequest request, StreamObserver<TokenizeResponse> observer) {
        UnaryReply.compute(pool, observer, () -> text.tokenize(request));
    }

    @Override
    public void detokenize(DetokenizeRequest request, StreamObserver<DetokenizeResponse> observer) {
        UnaryReply.compute(pool, observer, () -> text.detokenize(request));
    }

    @Override
    public void applyTemplate(ApplyTemplateRequest request, StreamObserver<ApplyTemplateResponse> observer) {
        UnaryReply.compute(pool, observer, () -> text.applyTemplate(request));
    }

    /// Takes no more generation and waits until what runs is over, at the most so long.
    public void drain(Duration patience) throws InterruptedException {
        generate.drain(patience);
    }
}
