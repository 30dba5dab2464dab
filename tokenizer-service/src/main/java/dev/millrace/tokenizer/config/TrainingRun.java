package dev.millrace.tokenizer.config;

import dev.millrace.proto.v1.ApplyTemplateRequest;
import dev.millrace.proto.v1.Conversation;
import dev.millrace.proto.v1.DetokenizeRequest;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.proto.v1.GenerationGrpc.GenerationBlockingV2Stub;
import dev.millrace.proto.v1.GetStatusRequest;
import dev.millrace.proto.v1.ListModelsRequest;
import dev.millrace.proto.v1.Model;
import dev.millrace.proto.v1.TokenizeRequest;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.concurrent.TimeUnit;
import org.springframework.grpc.client.GrpcChannelFactory;

/// Walks once through what a request needs, over a real connection, so that a JVM that records what it loads (an AOT
/// cache) has seen it.
final class TrainingRun {
    private static final Conversation CONVERSATION = Conversation.newBuilder()
            .setMessagesJson("[{\"role\":\"user\",\"content\":\"What is a \\\"KV cache\\\"?\"}]")
            .setAddGenerationPrompt(true)
            .build();

    private TrainingRun() {}

    static void run(GrpcChannelFactory channels, String address) throws StatusException, InterruptedException {
        GenerationBlockingV2Stub service = GenerationGrpc.newBlockingV2Stub(
                        channels.createChannel("static://" + address))
                .withDeadlineAfter(30, TimeUnit.SECONDS);
        Model model = service.listModels(ListModelsRequest.getDefaultInstance()).getModels(0);
        var tokens = service.tokenize(TokenizeRequest.newBuilder()
                .setModel(model.getId())
                .setText("A first text: 1, 2, 3 Wörter.")
                .setAddSpecial(true)
                .build());
        service.detokenize(DetokenizeRequest.newBuilder()
                .setModel(model.getId())
                .addAllTokenIds(tokens.getTokenIdsList())
                .build());
        if (model.getHasChatTemplate()) {
            service.applyTemplate(ApplyTemplateRequest.newBuilder()
                    .setModel(model.getId())
                    .setConversation(CONVERSATION)
                    .build());
        }
        service.getStatus(GetStatusRequest.getDefaultInstance());
        turnedAway(service, model);
    }

    /// Without workers a generation ends with UNAVAILABLE.
    private static void turnedAway(GenerationBlockingV2Stub service, Model model)
            throws StatusException, InterruptedException {
        try {
            service.generate(GenerateRequest.newBuilder()
                            .setModel(model.getId())
                            .setConversation(CONVERSATION)
                            .setChoices(1)
                            .build())
                    .read();
        } catch (StatusException e) {
            if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw e;
            }
        }
    }
}
