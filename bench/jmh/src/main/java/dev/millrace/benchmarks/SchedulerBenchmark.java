package dev.millrace.benchmarks;

import dev.millrace.worker.schedule.FinishReason;
import dev.millrace.worker.schedule.Scheduler;
import dev.millrace.worker.schedule.SchedulerSettings;
import dev.millrace.worker.schedule.Sequence;
import dev.millrace.worker.schedule.SequenceEvents;
import dev.millrace.worker.schedule.SequenceRequest;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepOutput;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Everything of a step but the model: plan, input, and the tokens taken in. Sequences of 128 prompt and 512 output
/// tokens come again when they end.
public class SchedulerBenchmark extends Measured {

    private static final int PROMPT = 128;
    private static final int OUTPUT = 512;
    private static final int VOCABULARY = 32_000;

    @Param({"1", "8", "64"})
    public int sequences;

    @Param({"false", "true"})
    public boolean penalties;

    private Scheduler scheduler;
    private final StepInputBuilder builder = new StepInputBuilder();
    private final StepInput input = new StepInput(1 << 16);
    private StepOutput output;
    private int submitted;

    @Setup(Level.Trial)
    public void submitAll() {
        int blocks = 2 * sequences * ((PROMPT + OUTPUT) / StepInput.BLOCK_TOKENS + 1);
        scheduler = new Scheduler(new SchedulerSettings(
                1, 1, PROMPT + OUTPUT + 1, VOCABULARY, sequences, blocks, 2048, 512, 2 * sequences, true));
        output = new StepOutput(sequences);
        for (int i = 0; i < sequences; i++) {
            submit();
        }
    }

    private void submit() {
        int[] prompt = new int[PROMPT];
        for (int i = 0; i < PROMPT; i++) {
            prompt[i] = (i * 31 + submitted * 17) % VOCABULARY;
        }
        submitted++;
        SamplingParameters sampling = penalties
                ? new SamplingParameters(0.8f, 0.95f, 40, 0f, submitted, 0.1f, 0.1f, 1.1f, -1)
                : SamplingParameters.GREEDY;
        // Lengths differ, so that not all end in one step.
        int length = OUTPUT - submitted * 37 % OUTPUT / 2;
        scheduler.submit(new Sequence(
                new SequenceRequest(prompt, 0, length, new int[] {-1}, sampling, new int[0], new float[0]),
                new Again()));
    }

    /// Submits a new sequence for one that ends.
    private final class Again implements SequenceEvents {

        private long sum;

        @Override
        public void token(int index, StepOutput from, int n) {
            sum += from.tokenId(n);
        }

        @Override
        public void finished(FinishReason reason, int cachedPromptTokens) {
            submit();
        }
    }

    @Benchmark
    public int step() {
        long step = scheduler.plan(builder);
        builder.build(1, step, input);
        output.begin(1, step);
        for (int n = 0; n < input.sampleCount(); n++) {
            output.add(input.sampleSequence(n), (int) (step * 7 + n) % VOCABULARY, Float.NaN);
        }
        scheduler.complete(output);
        return output.count();
    }
}
