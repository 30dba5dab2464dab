package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.OneStepModel;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.schedule.SequenceRequest;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AllocationTest {

    private static final int SEQUENCES = 128;
    private static final int WARM_STEPS = 1_200;
    private static final int MEASURED_STEPS = 400;
    /// The smallest object there is.
    private static final int OBJECT_BYTES = 16;

    /// Measures what the engine thread allocates between two steps, by the steps that its model is given.
    private static final class Meter extends OneStepModel {

        private final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final AtomicLong allocated = new AtomicLong();
        private final AtomicBoolean done = new AtomicBoolean();
        private long before;

        @Override
        protected void begun(StepInput input) {
            if (input.step() == WARM_STEPS) {
                before = threads.getCurrentThreadAllocatedBytes();
            } else if (input.step() == WARM_STEPS + MEASURED_STEPS) {
                allocated.set(threads.getCurrentThreadAllocatedBytes() - before);
                done.set(true);
            }
        }

        @Override
        public int hiddenSize() {
            return 1;
        }

        @Override
        public int vocabularySize() {
            return 300;
        }
    }

    /// Takes reports without keeping them.
    static final class Drain implements ReportSink {
        @Override
        public void report(StepReport report) {}

        @Override
        public void arrivalsTaken() {}

        @Override
        public void ended(String reason) {}
    }

    @Test
    void a_decoded_token_costs_no_object() {
        int context = WARM_STEPS + MEASURED_STEPS + 200;
        int blocks = SEQUENCES * (context / StepInput.BLOCK_TOKENS + 1);
        StageSettings settings = new StageSettings(1, 0, 1, context, SEQUENCES, blocks, 512, 512, SEQUENCES, true);
        Meter meter = new Meter();
        try (Engine engine =
                new Engine(settings, meter, null, new StepLedger(), new EngineStatistics(), failure -> {})) {
            EngineClient client = engine.connect(new Drain());
            client.arrive(new ArrivalBatch(submissions(context), new long[0]));
            engine.start();
            EngineTest.await(meter.done::get);
        }

        assertThat(meter.allocated.get()).isLessThan((long) MEASURED_STEPS * SEQUENCES * OBJECT_BYTES);
    }

    /// One in eight penalises, which is the most that the steady path does.
    private static List<Submission> submissions(int maxTokens) {
        List<Submission> submissions = new ArrayList<>();
        for (int i = 0; i < SEQUENCES; i++) {
            SamplingParameters sampling = i % 8 == 0
                    ? new SamplingParameters(1f, 1f, 0, 0f, i, 0f, 0.5f, 1.1f, -1)
                    : SamplingParameters.GREEDY;
            submissions.add(new Submission(
                    i,
                    new SequenceRequest(
                            Requests.prompt(20, i), 0, maxTokens, new int[0], sampling, new int[0], new float[0])));
        }
        return submissions;
    }
}
