package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.schedule.FakeModel;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.HeldRows;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StageRunnerTest {

    private final List<Long> returned = new CopyOnWriteArrayList<>();
    private final List<EngineFailure> failures = new CopyOnWriteArrayList<>();
    private final MemorySegment activations = new Activations(1, 2).rows(1);
    private final StageRunner runner = StageRunner.last(
            TestPipeline.at(TestPipeline.roomy(2), 1),
            new FakeModel(1, 2, 600),
            output -> returned.add(output.step()),
            new StepLedger(),
            failures::add);

    @BeforeEach
    void start() {
        runner.start();
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    @Test
    void computes_steps_in_their_order() {
        for (long step = 1; step <= 3; step++) {
            runner.step(input(7, step), activations);
        }

        EngineTest.await(() -> returned.size() == 3);
        assertThat(returned).containsExactly(1L, 2L, 3L);
    }

    @Test
    void rows_that_stay_where_they_are_are_released_once_they_were_read() {
        AtomicInteger released = new AtomicInteger();
        Activations rows = new Activations(512, 2);
        HeldRows held = new HeldRows() {
            @Override
            public Activations rows() {
                assertThat(released).hasValueLessThan(3);
                return rows;
            }

            @Override
            public void release() {
                released.incrementAndGet();
            }
        };
        for (long step = 1; step <= 3; step++) {
            runner.step(input(7, step), held);
        }

        EngineTest.await(() -> returned.size() == 3);
        assertThat(returned).containsExactly(1L, 2L, 3L);
        assertThat(released).hasValue(3);
    }

    @Test
    void refuses_a_step_of_another_epoch_and_goes_on() {
        assertThatThrownBy(() -> runner.step(input(6, 1), activations))
                .isInstanceOf(StepRefusedException.class)
                .hasMessage("a step of epoch 6 came to epoch 7");
        runner.step(input(7, 1), activations);

        EngineTest.await(() -> returned.size() == 1);
        assertThat(failures).isEmpty();
    }

    @Test
    void a_gap_ends_the_epoch() {
        runner.step(input(7, 1), activations);

        refusesWith(input(7, 3), activations, "step 3 came when step 2 was due");
    }

    @Test
    void a_step_that_comes_twice_ends_the_epoch() {
        runner.step(input(7, 1), activations);

        refusesWith(input(7, 1), activations, "step 1 came when step 2 was due");
    }

    @Test
    void too_few_activations_end_the_epoch() {
        refusesWith(
                input(7, 1),
                activations.asSlice(0, 4),
                "step 1 of 1 tokens came with 4 bytes of activations instead of 8");
    }

    @Test
    void broken_bytes_end_the_epoch() {
        refusesWith(MemorySegment.ofArray(new byte[64]), activations, "a broken step came: not a packed step");
    }

    private void refusesWith(MemorySegment input, MemorySegment rows, String message) {
        assertThatThrownBy(() -> runner.step(input, rows))
                .isInstanceOf(StepRefusedException.class)
                .hasMessageStartingWith(message);
        EngineTest.await(() -> !failures.isEmpty());
        assertThat(failures)
                .singleElement()
                .satisfies(failure -> assertThat(failure.message()).startsWith(message));
        EngineTest.await(() -> refusesAsEnded());
    }

    private boolean refusesAsEnded() {
        try {
            runner.step(input(6, 1), activations);
            return false;
        } catch (StepRefusedException e) {
            return String.valueOf(e.getMessage()).contains("ended");
        }
    }

    private static MemorySegment input(long epoch, long step) {
        StepInputBuilder builder = new StepInputBuilder();
        builder.sequence(new int[] {3}, 0, 1, new int[] {5});
        builder.sample(1, 1, SamplingParameters.GREEDY);
        StepInput input = new StepInput(64);
        builder.build(epoch, step, input);
        return input.bytes();
    }
}
