package dev.millrace.worker.schedule;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SchedulerTest {

    private static SchedulerSettings settings(int stages, int blocks, int sequences, int batch, int chunk) {
        return new SchedulerSettings(
                stages,
                stages == 1 ? 1 : stages + 1,
                1024,
                FakeModel.VOCABULARY,
                sequences,
                blocks,
                batch,
                chunk,
                100,
                true);
    }

    private static Recorder submit(SimulatedPipeline pipeline, int promptLength, int maxTokens) {
        Recorder recorder = new Recorder(
                Requests.greedy(Requests.prompt(promptLength, promptLength + 1000L * maxTokens), maxTokens));
        assertThat(pipeline.scheduler.submit(recorder.sequence)).isNull();
        return recorder;
    }

    private static StepInput plan(SimulatedPipeline pipeline) {
        return requireNonNull(pipeline.plan());
    }

    /// Every stage computes what is there and all tokens come back.
    private static void settle(SimulatedPipeline pipeline) {
        boolean done = true;
        while (done) {
            done = false;
            for (int stage = 0; stage < pipeline.stageCount(); stage++) {
                done |= pipeline.compute(stage);
            }
            done |= pipeline.complete();
        }
    }

    @Test
    void consecutive_chunks_of_a_prompt_are_in_flight_together() {
        SimulatedPipeline pipeline = new SimulatedPipeline(settings(2, 64, 4, 128, 32));
        submit(pipeline, 90, 5);

        List<StepInput> steps = List.of(plan(pipeline), plan(pipeline), plan(pipeline));

        assertThat(steps).extracting(StepInput::tokenCount).containsExactly(32, 32, 26);
        assertThat(steps).extracting(StepInput::sampleCount).containsExactly(0, 0, 1);
        assertThat(pipeline.plan()).as("three steps are in flight").isNull();
    }

    private static SchedulerSettings ahead(int blocks, int sequences) {
        return new SchedulerSettings(1, 2, 1024, FakeModel.VOCABULARY, sequences, blocks, 64, 512, 100, true);
    }

    @Test
    void a_stage_that_takes_two_steps_goes_on_with_tokens_that_are_not_known() {
        SimulatedPipeline pipeline = new SimulatedPipeline(ahead(64, 4));
        Recorder sequence = submit(pipeline, 10, 3);
        StepInput prompt = plan(pipeline);
        StepInput second = plan(pipeline);

        assertThat(second.tokenId(0)).isEqualTo(~prompt.samplePlace(0));
        assertThat(second.position(0)).isEqualTo(10);
        assertThat(pipeline.plan()).as("two steps are in flight").isNull();
        pipeline.compute(0);
        pipeline.complete();
        assertThat(plan(pipeline).tokenId(0)).isEqualTo(~prompt.samplePlace(0));
        pipeline.compute(0);
        pipeline.complete();
        assertThat(pipeline.plan()).as("the third token is the last").isNull();
        settle(pipeline);
        assertThat(sequence.tokens).isEqualTo(Oracle.continuation(sequence.request, 1024));
    }

    @Test
    void a_token_after_the_end_is_dropped() {
        SimulatedPipeline pipeline = new SimulatedPipeline(ahead(64, 4));
        SequenceRequest endless = Requests.greedy(Requests.prompt(10, 7), 50);
        int end = Oracle.continuation(endless, 1024).get(1);
        Recorder recorder = new Recorder(new SequenceRequest(
                endless.tokenIds(), 0, 50, new int[] {end}, endless.sampling(), new int[0], new float[0]));
        pipeline.scheduler.submit(recorder.sequence);
        while (pipeline.turn()) {
            pipeline.scheduler.check();
        }

        assertThat(recorder.tokens).hasSizeLessThanOrEqualTo(2).endsWith(end);
        assertThat(pipeline.scheduler.generatedTokens()).isEqualTo(recorder.tokens.size());
        assertThat(pipeline.scheduler.usedBlocks()).isZero();
    }

    @Test
    void a_block_that_unknown_tokens_completed_is_shared_when_they_are_known() {
        SimulatedPipeline pipeline = new SimulatedPipeline(ahead(64, 4));
        Recorder first = submit(pipeline, 10, 40);
        while (first.tokens.size() < 30) {
            pipeline.turn();
            pipeline.scheduler.check();
        }
        int[] prompt = new int[33];
        System.arraycopy(first.request.tokenIds(), 0, prompt, 0, 10);
        for (int i = 10; i < prompt.length; i++) {
            prompt[i] = first.tokens.get(i - 10);
        }
        Recorder second = new Recorder(Requests.greedy(prompt, 5));
        pipeline.scheduler.submit(second.sequence);
        while (pipeline.turn()) {
            pipeline.scheduler.check();
        }

        assertThat(second.cachedPromptTokens).isEqualTo(32);
        assertThat(second.tokens).isEqualTo(first.tokens.subList(23, 28));
    }

    @Test
    void decodes_come_first_and_chunks_fill_the_budget() {
        SimulatedPipeline pipeline = new SimulatedPipeline(settings(1, 64, 4, 64, 512));
        submit(pipeline, 10, 50);
        plan(pipeline);
        settle(pipeline);
        submit(pipeline, 100, 5);
        submit(pipeline, 20, 5);

        StepInput mixed = plan(pipeline);
        assertThat(IntStream.range(0, mixed.sequenceCount()).map(mixed::tokenCount))
                .containsExactly(1, 48, 15);
        assertThat(mixed.tokenCount()).isEqualTo(64);
        assertThat(mixed.sampleCount()).isEqualTo(1);
    }

    @Test
    void decodes_leave_a_quarter_of_the_budget_to_prompts() {
        SimulatedPipeline pipeline = new SimulatedPipeline(settings(1, 300, 40, 32, 512));
        for (int i = 0; i < 32; i++) {
            submit(pipeline, 1 + i, 100);
        }
        StepInput decodes = plan(pipeline);
        settle(pipeline);
        while (decodes.sequenceCount() < 32) {
            decodes = plan(pipeline);
            settle(pipeline);
        }
        submit(pipeline, 200, 5);

        StepInput mixed = plan(pipeline);
        assertThat(mixed.sequenceCount()).isEqualTo(24 + 1);
        assertThat(mixed.tokenCount(24)).isEqualTo(8);
    }

    @Test
    void decodes_are_spread_so_that_every_stage_has_work() {
        SimulatedPipeline pipeline = new SimulatedPipeline(settings(2, 64, 8, 128, 64));
        for (int i = 0; i < 8; i++) {
            submit(pipeline, 4 + i, 100);
        }
        plan(pipeline);
        settle(pipeline);

        assertThat(plan(pipeline).tokenCount()).isEqualTo(4);
        assertThat(plan(pipeline).tokenCount()).isEqualTo(4);
        assertThat(pipeline.plan()).isNull();
    }

    @Test
    void broken_up_groups_grow_together_again() {
        SimulatedPipeline pipeline = new SimulatedPipeline(settings(2, 64, 8, 128, 64));
        for (int i = 0; i < 8; i++) {
            submit(pipeline, 4 + i, 1000);
            plan(pipeline);
            settle(pipeline);
        }
        List<Integer> sizes = new ArrayList<>();
        for (int turn = 0; turn < 40; turn++) {
            StepInput step = pipeline.plan();
            if (step != null) {
                sizes.add(step.tokenCount());
            }
            pipeline.compute(turn % 2);
            pipeline.complete();
        }

        assertThat(sizes.subList(5, sizes.size())).containsOnly(4);
    }

    @Test
    void the_latest_is_put_back_when_blocks_run_out_and_the_oldest_goes_on() {
        SimulatedPipeline pipeline = new SimulatedPipeline(settings(1, 8, 4, 128, 128));
        Recorder oldest = submit(pipeline, 30, 90);
        Recorder latest = submit(pipeline, 40, 60);
        while (pipeline.scheduler.preemptions() == 0) {
            plan(pipeline);
            settle(pipeline);
        }

        assertThat(pipeline.scheduler.waitingCount()).isEqualTo(1);
        assertThat(latest.sequence.state).isEqualTo(Sequence.State.WAITING);
        assertThat(oldest.sequence.state).isEqualTo(Sequence.State.RUNNING);
        while (pipeline.turn()) {
            pipeline.scheduler.check();
        }
        assertThat(oldest.tokens).isEqualTo(Oracle.continuation(oldest.request, 128));
        assertThat(latest.tokens).isEqualTo(Oracle.continuation(latest.request, 128));
    }

    @Test
    void a_late_token_of_a_cancelled_sequence_is_dropped() {
        SimulatedPipeline pipeline = new SimulatedPipeline(settings(2, 8, 1, 128, 128));
        Recorder cancelled = submit(pipeline, 30, 20);
        Recorder next = submit(pipeline, 35, 20);
        plan(pipeline);
        pipeline.scheduler.cancel(cancelled.sequence);
        assertThat(pipeline.scheduler.usedBlocks()).isZero();
        assertThat(plan(pipeline).sampleCount()).as("takes the same row").isEqualTo(1);
        while (pipeline.turn()) {
            pipeline.scheduler.check();
        }

        assertThat(cancelled.tokens).isEmpty();
        assertThat(next.tokens).isEqualTo(Oracle.continuation(next.request, 1024));
    }

    @Test
    void an_output_without_the_tokens_that_were_asked_for_is_refused() {
        SimulatedPipeline pipeline = new SimulatedPipeline(settings(2, 8, 1, 128, 128));
        submit(pipeline, 30, 20);
        plan(pipeline);
        StepOutput empty = new StepOutput(1);
        empty.begin(1, 1);

        assertThatThrownBy(() -> pipeline.scheduler.complete(empty)).hasMessage("step 1 gave 0 tokens instead of 1");
        empty.begin(1, 2);
        assertThatThrownBy(() -> pipeline.scheduler.complete(empty))
                .hasMessage("the tokens of step 2 came back when those of step 1 were due");
    }
}
