package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.HookedModel;
import dev.millrace.worker.schedule.FakeModel;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.schedule.SequenceRequest;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever goes wrong ends the epoch, and somebody hears of it.
class FailureTest {

    private static final SequenceRequest ENDLESS = Requests.greedy(Requests.prompt(10, 1), 10_000);

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void an_error_in_the_forward_pass_of_stage_0_is_told_to_listener_and_clients(int stages) {
        try (TestPipeline pipeline = failingAt(stages, 0, new OutOfMemoryError("no memory for scores"))) {
            TestClient client = new TestClient(pipeline.engine);
            client.submit(ENDLESS);

            assertThat(client.ended.orTimeout(60, TimeUnit.SECONDS).join())
                    .isEqualTo("step 5 of the first stage failed: java.lang.OutOfMemoryError: no memory for scores");
            assertThat(pipeline.failures).singleElement().satisfies(failure -> {
                assertThat(failure.epoch()).isEqualTo(7);
                assertThat(failure.cause()).isInstanceOf(OutOfMemoryError.class);
            });
            assertThatThrownBy(() -> pipeline.engine.connect(client)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> pipeline.engine.stepOutput(output(7, 6)))
                    .isInstanceOf(StepRefusedException.class)
                    .hasMessageContaining("ended epoch");
        }
    }

    @Test
    void an_error_while_the_step_before_is_under_way_drops_that_one() {
        AtomicInteger dropped = new AtomicInteger();
        TestPipeline failing = new TestPipeline(
                TestPipeline.roomy(1),
                model -> new HookedModel(
                        model,
                        input -> {
                            if (input.step() == 5) {
                                throw new IllegalStateException("a launch failed");
                            }
                        },
                        dropped::incrementAndGet),
                2);
        try (TestPipeline pipeline = failing) {
            TestClient client = new TestClient(pipeline.engine);
            client.submit(ENDLESS);

            assertThat(client.ended.orTimeout(60, TimeUnit.SECONDS).join())
                    .isEqualTo("step 5 of the first stage failed: java.lang.IllegalStateException: a launch failed");
        }
        assertThat(dropped).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void an_error_in_a_later_stage_is_told_to_its_listener(int stage) {
        try (TestPipeline pipeline = failingAt(3, stage, new IllegalStateException("a kernel broke"))) {
            TestClient client = new TestClient(pipeline.engine);
            client.submit(ENDLESS);

            EngineTest.await(() -> !pipeline.failures.isEmpty());
            assertThat(pipeline.failures.getFirst().message())
                    .isEqualTo("step 5 of stage " + stage + " failed: java.lang.IllegalStateException: a kernel broke");
        }
    }

    private static TestPipeline failingAt(int stages, int failing, Throwable error) {
        int[] stage = {stages};
        return new TestPipeline(TestPipeline.roomy(stages), model -> {
            stage[0]--;
            return stage[0] != failing
                    ? model
                    : new HookedModel(model, input -> {
                        if (input.step() == 5) {
                            FailureTest.<RuntimeException>raise(error);
                        }
                    });
        });
    }

    @SuppressWarnings("unchecked") // Errors are thrown through an interface that declares nothing.
    private static <E extends Throwable> void raise(Throwable error) throws E {
        throw (E) error;
    }

    @Test
    void an_output_of_another_epoch_is_refused_and_changes_nothing() {
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(2))) {
            assertThatThrownBy(() -> pipeline.engine.stepOutput(output(6, 1)))
                    .isInstanceOf(StepRefusedException.class)
                    .hasMessage("a step output of epoch 6 came to epoch 7");
            TestClient client = new TestClient(pipeline.engine);

            assertThat(client.submit(Requests.greedy(Requests.prompt(9, 1), 9)).tokens())
                    .hasSize(9);
        }
    }

    @Test
    void an_output_that_nobody_asked_for_ends_the_epoch() {
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(2))) {
            TestClient client = new TestClient(pipeline.engine);
            pipeline.engine.stepOutput(output(7, 1));

            assertThat(client.ended.orTimeout(60, TimeUnit.SECONDS).join())
                    .contains("the tokens of step 1 came back when none was under way");
        }
    }

    @Test
    void a_broken_output_ends_the_epoch() {
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(2))) {
            TestClient client = new TestClient(pipeline.engine);
            assertThatThrownBy(() -> pipeline.engine.stepOutput(MemorySegment.ofArray(new byte[40])))
                    .isInstanceOf(StepRefusedException.class);

            assertThat(client.ended.orTimeout(60, TimeUnit.SECONDS).join()).contains("a broken step output came back");
            assertThat(pipeline.failures).hasSize(1);
        }
    }

    @Test
    void an_engine_that_never_started_tells_its_clients_when_it_is_stopped() {
        Engine engine = new Engine(
                TestPipeline.roomy(1),
                new FakeModel(0, 1, 600),
                null,
                new StepLedger(),
                new EngineStatistics(),
                failure -> {});
        TestClient client = new TestClient(engine);
        engine.close();

        assertThat(client.ended).isCompletedWithValue("the engine was stopped");
    }

    private static MemorySegment output(long epoch, long step) {
        StepOutput output = new StepOutput(1);
        output.begin(epoch, step);
        return output.bytes();
    }
}
