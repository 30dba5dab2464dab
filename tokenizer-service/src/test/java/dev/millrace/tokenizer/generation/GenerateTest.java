package dev.millrace.tokenizer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.Conversation;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.SamplingParameters;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.proto.v1.TokenIds;
import dev.millrace.proto.v1.TokenLogprob;
import dev.millrace.tokenizer.support.ByteTextModel;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GenerateTest {
    private final GenerationBench bench = new GenerationBench().serve(1);
    private final ScriptedPipeline pipeline = bench.pipeline;

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void text_streams_from_prompt_to_end_token() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        SubmittedSequence sequence = pipeline.last();
        assertThat(sequence.getTokenIdsList()).containsExactly(ByteTextModel.BEGIN, (int) 'h', (int) 'i');
        assertThat(sequence.getGeneratedCount()).isZero();
        assertThat(sequence.getEndTokenIdsList()).containsExactly(ByteTextModel.END);
        assertThat(call.events).isEmpty();

        long id = sequence.getSequenceId();
        pipeline.accept(id);
        bench.loop.run();
        assertThat(call.events.getFirst().getStarted().getPromptTokens()).isEqualTo(3);
        pipeline.text(id, 0, "wärm");
        bench.loop.run();
        pipeline.token(id, 5, ByteTextModel.END);
        pipeline.finish(id, FinishReason.FINISH_REASON_STOP, 2);
        bench.loop.run();

        assertThat(call.text(0)).isEqualTo("wärm");
        assertThat(call.indexes(0)).containsExactly(0, 1, 2, 3, 4);
        assertThat(call.tokens(0)).isEmpty();
        assertThat(call.finished(0).getReason()).isEqualTo(FinishReason.FINISH_REASON_STOP);
        assertThat(call.finished(0).getCompletionTokens()).isEqualTo(6);
        assertThat(call.finished(0).getCachedPromptTokens()).isEqualTo(2);
        assertThat(call.status()).isEqualTo(Status.OK);
    }

    @Test
    void a_character_of_several_tokens_comes_whole_and_brings_their_ids() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        for (int index = 0; index < 2; index++) {
            pipeline.token(id, index, ByteTextModel.ids("ä")[index]);
            bench.loop.run();
        }

        assertThat(call.deltas(0)).hasSize(1);
        assertThat(call.text(0)).isEqualTo("ä");
        assertThat(call.deltas(0).getFirst().getTokenIdsList())
                .containsExactly(ByteTextModel.ids("ä")[0], ByteTextModel.ids("ä")[1]);
    }

    @Test
    void a_stop_string_ends_the_choice_and_cancels_its_sequence() {
        RecordedCall call =
                bench.submit(GenerationBench.request("hi").addStop("END").addStop("never"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        pipeline.text(id, 0, "the EN");
        bench.loop.run();
        assertThat(call.text(0)).isEqualTo("the ");
        pipeline.text(id, 6, "D and more");
        bench.loop.run();

        assertThat(call.text(0)).isEqualTo("the ");
        assertThat(call.indexes(0)).hasSize(4);
        assertThat(call.finished(0).getReason()).isEqualTo(FinishReason.FINISH_REASON_STOP);
        assertThat(call.finished(0).getCompletionTokens()).isEqualTo(7);
        assertThat(pipeline.cancelled).containsExactly(id);
        assertThat(call.status()).isEqualTo(Status.OK);
    }

    @Test
    void held_back_text_comes_out_at_the_end() {
        RecordedCall call = bench.submit(GenerationBench.request("hi").addStop("END"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        pipeline.text(id, 0, "the EN");
        pipeline.finish(id, FinishReason.FINISH_REASON_LENGTH, 0);
        bench.loop.run();

        assertThat(call.text(0)).isEqualTo("the EN");
        assertThat(call.indexes(0)).hasSize(6);
        assertThat(call.finished(0).getReason()).isEqualTo(FinishReason.FINISH_REASON_LENGTH);
        assertThat(pipeline.cancelled).isEmpty();
    }

    @Test
    void each_choice_is_a_sequence_with_a_seed_of_its_own() {
        RecordedCall call = bench.submit(GenerationBench.request("hi")
                .setChoices(3)
                .setSeedGiven(true)
                .setSampling(SamplingParameters.newBuilder().setSeed(10)));
        assertThat(pipeline.submitted)
                .extracting(sequence -> sequence.getSampling().getSeed())
                .containsExactly(10L, 11L, 12L);
        assertThat(pipeline.batches.getLast().getSubmittedCount()).isEqualTo(3);
        var ids = pipeline.lastIds(3);
        pipeline.accept(ids.get(0), ids.get(1));
        pipeline.text(ids.get(0), 0, "early");
        bench.loop.run();
        assertThat(call.events).as("started comes first, when all are accepted").isEmpty();
        pipeline.accept(ids.get(2));
        for (int choice = 0; choice < 3; choice++) {
            if (choice > 0) {
                pipeline.text(ids.get(choice), 0, "choice " + choice);
            }
            pipeline.finish(ids.get(choice), FinishReason.FINISH_REASON_LENGTH, 0);
        }
        bench.loop.run();

        assertThat(call.events.getFirst().hasStarted()).isTrue();
        assertThat(call.text(0)).isEqualTo("early");
        assertThat(call.text(2)).isEqualTo("choice 2");
        assertThat(call.finished(1).getCompletionTokens()).isEqualTo(8);
        assertThat(call.status()).isEqualTo(Status.OK);
    }

    @Test
    void a_seed_is_drawn_when_none_is_given() {
        bench.submit(GenerationBench.request("hi"));
        bench.submit(GenerationBench.request("hi"));

        assertThat(pipeline.submitted.get(0).getSampling().getSeed())
                .isNotEqualTo(pipeline.submitted.get(1).getSampling().getSeed());
    }

    @Test
    void log_probabilities_come_with_the_bytes_of_their_tokens() {
        RecordedCall call = bench.submit(GenerationBench.request("hi")
                .setSampling(SamplingParameters.newBuilder().setLogprobs(true).setTopLogprobs(2)));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        TokenLogprob logprob = TokenLogprob.newBuilder()
                .setLogprob(-0.5f)
                .addTopTokenIds('a')
                .addTopTokenIds('b')
                .addTopLogprobs(-0.5f)
                .addTopLogprobs(-1)
                .build();
        pipeline.token(id, 0, 'a', logprob);
        bench.loop.run();

        GeneratedToken token = call.tokens(0).getFirst();
        assertThat(token.getLogprob()).isEqualTo(logprob);
        assertThat(token.getBytes().toStringUtf8()).isEqualTo("a");
        assertThat(token.getTopTokenBytes(1).toStringUtf8()).isEqualTo("b");
    }

    @Test
    void a_conversation_is_rendered_and_token_ids_are_taken_as_they_are() {
        bench.submit(GenerationBench.request("")
                .setConversation(Conversation.newBuilder().setMessagesJson("[1]")));
        assertThat(pipeline.last().getTokenIdsList()).containsExactly((int) '<', (int) '[', (int) '1', (int) ']');

        bench.submit(GenerationBench.request("")
                .setTokenIds(TokenIds.newBuilder().addIds(5).addIds(257)));
        assertThat(pipeline.last().getTokenIdsList()).containsExactly(5, 257);
    }

    @Test
    void a_lost_worker_costs_no_token_and_doubles_none() {
        RecordedCall call = bench.submit(GenerationBench.request("hi").addStop("END"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        pipeline.text(id, 0, "one tw");
        bench.loop.run();
        bench.lose();
        bench.serve(2);
        SubmittedSequence again = pipeline.last();
        assertThat(again.getTokenIdsCount()).isEqualTo(3 + 6);
        assertThat(again.getGeneratedCount()).isEqualTo(6);
        pipeline.accept(again.getSequenceId());
        pipeline.text(again.getSequenceId(), 6, "o three END");
        bench.loop.run();

        assertThat(call.text(0)).isEqualTo("one two three ");
        assertThat(call.indexes(0)).doesNotHaveDuplicates().hasSize(14);
        assertThat(call.events.stream().filter(event -> event.hasStarted())).hasSize(1);
        assertThat(call.status()).isEqualTo(Status.OK);
    }

    @Test
    void a_broken_stream_is_opened_again_and_the_request_goes_on() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        pipeline.text(id, 0, "one");
        bench.loop.run();
        pipeline.breakStream();
        bench.loop.run();
        SubmittedSequence again = pipeline.last();
        pipeline.text(again.getSequenceId(), 3, " two");
        pipeline.finish(again.getSequenceId(), FinishReason.FINISH_REASON_LENGTH, 0);
        bench.loop.run();

        assertThat(again.getGeneratedCount()).isEqualTo(3);
        assertThat(call.text(0)).isEqualTo("one two");
        assertThat(call.status()).isEqualTo(Status.OK);
    }
}
