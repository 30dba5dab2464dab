package dev.millrace.tokenizer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.Conversation;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.TokenIds;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RefusalTest {
    private final GenerationBench bench = new GenerationBench().serve(1);
    private final ScriptedPipeline pipeline = bench.pipeline;

    @AfterEach
    void close() {
        bench.close();
    }

    private static void check(RecordedCall call, Status.Code status, String code, String parameter) {
        assertThat(call.status().getCode()).isEqualTo(status);
        assertThat(call.error().getCode()).isEqualTo(code);
        assertThat(call.error().getParameter()).isEqualTo(parameter);
        assertThat(call.events).isEmpty();
    }

    @Test
    void an_unknown_model_is_not_found() {
        check(
                bench.refused(GenerationBench.request("hi").setModel("other")),
                Status.Code.NOT_FOUND,
                "model_not_found",
                "model");
    }

    @Test
    void a_prompt_beyond_the_context_is_refused_with_both_numbers() {
        RecordedCall call = bench.refused(GenerationBench.request("x".repeat(100)));

        check(call, Status.Code.INVALID_ARGUMENT, "context_length_exceeded", "prompt");
        assertThat(call.status().getDescription())
                .isEqualTo("This model's context length is 64 tokens; the prompt has 101 tokens.");
    }

    @Test
    void a_prompt_that_leaves_no_room_is_refused_and_one_token_less_is_not() {
        RecordedCall call = bench.refused(GenerationBench.request("x".repeat(63)));
        check(call, Status.Code.INVALID_ARGUMENT, "context_length_exceeded", "prompt");
        assertThat(call.status().getDescription()).contains("64 tokens").contains("no room");

        bench.submit(GenerationBench.request("x".repeat(61)));
        assertThat(pipeline.last().getMaxTokens()).isEqualTo(2);
    }

    @Test
    void output_ends_at_the_end_of_the_context_whatever_was_asked_for() {
        bench.submit(GenerationBench.request("hi").setMaxTokens(0));
        assertThat(pipeline.last().getMaxTokens()).isEqualTo(61);
        bench.submit(GenerationBench.request("hi").setMaxTokens(2000));
        assertThat(pipeline.last().getMaxTokens()).isEqualTo(61);
        bench.submit(GenerationBench.request("hi").setMaxTokens(-1));
        assertThat(pipeline.last().getMaxTokens()).isEqualTo(61);
        bench.submit(GenerationBench.request("hi").setMaxTokens(7));
        assertThat(pipeline.last().getMaxTokens()).isEqualTo(7);
    }

    @Test
    void an_empty_prompt_an_unknown_token_and_a_missing_prompt_are_refused() {
        check(
                bench.refused(GenerationBench.request("").setTokenIds(TokenIds.getDefaultInstance())),
                Status.Code.INVALID_ARGUMENT,
                "invalid_request",
                "prompt");
        RecordedCall call = bench.refused(GenerationBench.request("")
                .setTokenIds(TokenIds.newBuilder().addIds(1).addIds(258)));
        check(call, Status.Code.INVALID_ARGUMENT, "invalid_request", "prompt");
        assertThat(call.status().getDescription())
                .contains("258")
                .contains("index 1")
                .contains("257");
        check(
                bench.refused(GenerationBench.request("").clearPrompt()),
                Status.Code.INVALID_ARGUMENT,
                "invalid_request",
                "prompt");
    }

    @Test
    void no_choice_too_many_choices_and_an_empty_stop_string_are_refused() {
        check(
                bench.refused(GenerationBench.request("hi").setChoices(0)),
                Status.Code.INVALID_ARGUMENT,
                "invalid_request",
                "n");
        check(
                bench.refused(GenerationBench.request("hi").setChoices(-1)),
                Status.Code.INVALID_ARGUMENT,
                "invalid_request",
                "n");
        check(
                bench.refused(GenerationBench.request("hi").addStop("")),
                Status.Code.INVALID_ARGUMENT,
                "invalid_request",
                "stop");
    }

    @Test
    void a_template_that_refuses_is_quoted() {
        RecordedCall call = bench.refused(GenerationBench.request("")
                .setConversation(Conversation.newBuilder().setMessagesJson("refuse")));

        check(call, Status.Code.INVALID_ARGUMENT, "invalid_request", "messages");
        assertThat(call.status().getDescription()).contains("Conversation roles must alternate");
    }

    @Test
    void a_full_queue_refuses_the_request_and_takes_its_other_choices_back() {
        RecordedCall call = bench.submit(GenerationBench.request("hi").setChoices(3));
        var ids = pipeline.lastIds(3);
        pipeline.accept(ids.get(0));
        pipeline.refuse(ids.get(1), RefusalReason.REFUSAL_REASON_QUEUE_FULL, "256 sequences are waiting");
        bench.loop.run();

        check(call, Status.Code.RESOURCE_EXHAUSTED, "queue_full", "");
        assertThat(call.error().getRetryAfterSeconds()).isPositive();
        assertThat(call.status().getDescription()).isEqualTo("256 sequences are waiting");
        assertThat(pipeline.cancelled).containsExactlyInAnyOrder(ids.get(0), ids.get(2));
    }

    @Test
    void a_sequence_that_never_fits_is_the_clients_mistake() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        pipeline.refuse(pipeline.last().getSequenceId(), RefusalReason.REFUSAL_REASON_TOO_LONG, "needs 9 blocks of 8");
        bench.loop.run();

        check(call, Status.Code.INVALID_ARGUMENT, "context_length_exceeded", "");
    }

    @Test
    void without_a_pipeline_requests_are_turned_away_at_once() {
        bench.lose();
        RecordedCall call = bench.refused(GenerationBench.request("hi"));

        check(call, Status.Code.UNAVAILABLE, "no_pipeline", "");
        assertThat(call.error().getRetryAfterSeconds()).isEqualTo(5);
    }

    @Test
    void a_pipeline_that_stays_away_ends_running_requests_after_half_a_minute() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        pipeline.text(id, 0, "one");
        bench.loop.run();
        bench.lose();
        bench.loop.advance(Duration.ofSeconds(29));
        assertThat(call.isOver()).isFalse();
        bench.loop.advance(Duration.ofSeconds(1));

        assertThat(call.text(0)).isEqualTo("one");
        assertThat(call.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(call.error().getCode()).isEqualTo("no_pipeline");
    }

    @Test
    void at_shutdown_running_requests_may_finish_and_new_ones_are_turned_away() throws InterruptedException {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        long id = pipeline.last().getSequenceId();
        Thread drain = Thread.ofPlatform().start(() -> {
            try {
                bench.service.drain(Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        bench.loop.runUntil(() -> drain.getState() == Thread.State.TIMED_WAITING);
        check(bench.refused(GenerationBench.request("hi")), Status.Code.UNAVAILABLE, "no_pipeline", "");
        pipeline.accept(id);
        pipeline.finish(id, FinishReason.FINISH_REASON_LENGTH, 0);
        bench.loop.runUntil(call::isOver);
        drain.join();

        assertThat(call.status()).isEqualTo(Status.OK);
    }

    @Test
    void requests_that_do_not_finish_in_time_are_turned_away_at_shutdown() throws InterruptedException {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        Thread drain = Thread.ofPlatform().start(() -> {
            try {
                bench.service.drain(Duration.ZERO);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        bench.loop.runUntil(call::isOver);
        drain.join();

        check(call, Status.Code.UNAVAILABLE, "no_pipeline", "");
    }
}
