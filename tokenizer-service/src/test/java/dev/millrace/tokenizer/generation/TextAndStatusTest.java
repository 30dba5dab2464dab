package dev.millrace.tokenizer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.ApplyTemplateRequest;
import dev.millrace.proto.v1.Conversation;
import dev.millrace.proto.v1.DetokenizeRequest;
import dev.millrace.proto.v1.GetStatusRequest;
import dev.millrace.proto.v1.GetStatusResponse;
import dev.millrace.proto.v1.ListModelsRequest;
import dev.millrace.proto.v1.TokenizeRequest;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TextAndStatusTest {
    private final GenerationBench bench = new GenerationBench();

    @AfterEach
    void close() {
        bench.close();
    }

    private GetStatusResponse status() throws InterruptedException, ExecutionException {
        FutureTask<GetStatusResponse> call =
                new FutureTask<>(() -> bench.blocking.getStatus(GetStatusRequest.getDefaultInstance()));
        Thread.ofPlatform().start(call);
        bench.loop.runUntil(call::isDone);
        return call.get();
    }

    @Test
    void the_served_model_is_listed() throws StatusException {
        var model = bench.blocking
                .listModels(ListModelsRequest.getDefaultInstance())
                .getModels(0);

        assertThat(model.getId()).isEqualTo("demo");
        assertThat(model.getCreatedSeconds()).isEqualTo(1234);
        assertThat(model.getContextLength()).isEqualTo(64);
        assertThat(model.getVocabularySize()).isEqualTo(258);
        assertThat(model.getHasChatTemplate()).isTrue();
    }

    @Test
    void text_becomes_ids_and_pieces_and_text_again() throws StatusException {
        var tokens = bench.blocking.tokenize(
                TokenizeRequest.newBuilder().setModel("demo").setText("ä").build());
        assertThat(tokens.getTokenIdsList()).containsExactly(0xc3, 0xa4);
        assertThat(ByteString.copyFrom(tokens.getPiecesList()).toStringUtf8()).isEqualTo("ä");

        var text = bench.blocking.detokenize(DetokenizeRequest.newBuilder()
                .setModel("demo")
                .addAllTokenIds(tokens.getTokenIdsList())
                .addTokenIds(0xc3)
                .build());
        assertThat(text.getText()).isEqualTo("ä\uFFFD");
    }

    @Test
    void unknown_tokens_and_models_are_refused() {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> bench.blocking.detokenize(DetokenizeRequest.newBuilder()
                        .setModel("demo")
                        .addTokenIds(258)
                        .build()))
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> bench.blocking.tokenize(
                        TokenizeRequest.newBuilder().setModel("x").build()))
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }

    @Test
    void a_conversation_is_rendered_or_refused_in_the_templates_words() throws StatusException {
        ApplyTemplateRequest.Builder request = ApplyTemplateRequest.newBuilder().setModel("demo");
        assertThat(bench.blocking
                        .applyTemplate(request.setConversation(
                                        Conversation.newBuilder().setMessagesJson("[]"))
                                .build())
                        .getPrompt())
                .isEqualTo("<[]");

        request.setConversation(Conversation.newBuilder().setMessagesJson("refuse"));
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> bench.blocking.applyTemplate(request.build()))
                .withMessageContaining("Conversation roles must alternate");
    }

    @Test
    void without_a_pipeline_the_service_is_not_ready_and_says_why() throws Exception {
        bench.reason = "1 of 2 workers are registered.";
        GetStatusResponse status = status();

        assertThat(status.getReady()).isFalse();
        assertThat(status.getReason()).isEqualTo("1 of 2 workers are registered.");
        assertThat(status.getPipelines(0).getLastTokenAgeMillis()).isEqualTo(-1);
    }

    @Test
    void a_recent_token_makes_it_ready_and_an_idle_pipeline_gets_a_canary() throws Exception {
        bench.serve(7);
        assertThat(status().getReady()).isTrue();
        assertThat(bench.pipeline.batches).hasSize(1);
        bench.loop.advance(Duration.ofMinutes(5));
        GetStatusResponse status = status();

        assertThat(status.getReady()).isTrue();
        assertThat(status.getPipelines(0).getLastTokenAgeMillis()).isZero();
        assertThat(status.getPipelines(0).getEpoch()).isEqualTo(7);
        assertThat(status.getPipelines(0).getStages(0).getWorkerId()).isEqualTo("w");
        assertThat(bench.pipeline.batches).hasSize(2);
    }

    @Test
    void a_pipeline_that_was_lost_is_not_ready_however_young_its_last_token() throws Exception {
        bench.serve(7);
        bench.lose();
        GetStatusResponse status = status();

        assertThat(status.getReady()).isFalse();
        assertThat(status.getReason()).isNotEmpty();
    }
}
