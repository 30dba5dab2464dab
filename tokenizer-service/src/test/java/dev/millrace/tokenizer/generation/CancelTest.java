package dev.millrace.tokenizer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.FinishReason;
import io.grpc.Status;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The gateway goes away, or does not read.
class CancelTest {
    private final GenerationBench bench = new GenerationBench().serve(1);
    private final ScriptedPipeline pipeline = bench.pipeline;

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void a_call_that_is_cancelled_while_its_prompt_waits_to_be_encoded_never_reaches_the_pipeline() {
        CountDownLatch release = new CountDownLatch(1);
        bench.pool.submit(() -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        RecordedCall call = bench.start(GenerationBench.request("hi"), -1);
        call.cancel();
        bench.loop.run();
        release.countDown();
        bench.submit(GenerationBench.request("next"));

        assertThat(pipeline.submitted).hasSize(1);
    }

    @Test
    void a_call_that_is_cancelled_before_it_was_accepted_is_cancelled_at_the_worker() {
        RecordedCall call = bench.submit(GenerationBench.request("hi").setChoices(2));
        call.cancel();
        bench.loop.run();

        assertThat(pipeline.cancelled).containsExactlyElementsOf(pipeline.lastIds(2));
    }

    @Test
    void a_call_that_is_cancelled_while_tokens_come_is_cancelled_at_the_worker_at_once() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        pipeline.text(id, 0, "one");
        bench.loop.run();
        call.cancel();
        bench.loop.run();
        pipeline.text(id, 3, "two");
        bench.loop.run();

        assertThat(pipeline.cancelled).containsExactly(id);
        assertThat(call.text(0)).isEqualTo("one");
    }

    @Test
    void a_cancel_after_the_end_is_nothing() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        pipeline.finish(id, FinishReason.FINISH_REASON_LENGTH, 0);
        bench.loop.run();
        call.cancel();
        bench.loop.run();

        assertThat(pipeline.cancelled).isEmpty();
    }

    @Test
    void a_call_that_is_cancelled_while_no_pipeline_serves_is_not_sent_again() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        bench.lose();
        call.cancel();
        bench.loop.run();
        bench.serve(2);

        assertThat(pipeline.submitted).hasSize(1);
    }

    @Test
    void tokens_share_messages_while_the_gateway_reads_slowly() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"), 2);
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        for (int index = 0; index < 10; index++) {
            pipeline.token(id, index, 'a' + index);
            bench.loop.run();
        }
        pipeline.finish(id, FinishReason.FINISH_REASON_LENGTH, 0);
        bench.loop.run();
        assertThat(call.text(0)).isEqualTo("a");
        call.read(10);
        bench.loop.run();

        assertThat(call.text(0)).isEqualTo("abcdefghij");
        assertThat(call.deltas(0)).hasSize(2);
        assertThat(call.indexes(0)).hasSize(10);
        assertThat(call.status()).isEqualTo(Status.OK);
    }

    @Test
    void tokens_that_came_in_one_go_share_a_message() {
        RecordedCall call = bench.submit(GenerationBench.request("hi"));
        long id = pipeline.last().getSequenceId();
        pipeline.accept(id);
        pipeline.text(id, 0, "several");
        bench.loop.run();

        assertThat(call.deltas(0)).hasSize(1);
    }

    @Test
    void a_gateway_that_does_not_read_is_cut_off_and_holds_nobody_up() {
        RecordedCall slow = bench.submit(GenerationBench.request("hi"), 0);
        RecordedCall other = bench.submit(GenerationBench.request("hi"));
        long slowId = pipeline.lastIds(2).getFirst();
        long otherId = pipeline.lastIds(2).getLast();
        pipeline.accept(slowId, otherId);
        int index = 0;
        while (!pipeline.cancelled.contains(slowId)) {
            for (int i = 0; i < 1000; i++) {
                pipeline.token(slowId, index++, 'x');
            }
            bench.loop.run();
            assertThat(index).isLessThan(GenerateCall.MAXIMUM_WAITING_BYTES);
        }
        pipeline.text(otherId, 0, "fine");
        bench.loop.run();
        slow.read(1);

        assertThat(other.text(0)).isEqualTo("fine");
        assertThat(slow.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(slow.error().getCode()).isEqualTo("slow_reader");
    }
}
