package dev.millrace.benchmarks;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// From logits to token ids; the vocabulary is that of Qwen2.5.
public class SamplingBenchmark extends Measured {

    /// How tokens are chosen.
    public enum Choice {
        GREEDY(SamplingParameters.GREEDY),
        TEMPERATURE(new SamplingParameters(0.8f, 1f, 0, 0f, 1, 0f, 0f, 1f, -1)),
        TOP_P(new SamplingParameters(0.8f, 0.95f, 40, 0f, 1, 0f, 0f, 1f, -1));

        private final SamplingParameters parameters;

        Choice(SamplingParameters parameters) {
            this.parameters = parameters;
        }
    }

    @Param
    public Choice choice;

    @Param({"1", "8"})
    public int sequences;

    @Param("151936")
    public int vocabulary;

    @Param("0")
    public int threads;

    private Device device;
    private Operations operations;
    private DeviceBuffer logits;
    private StepInput step;
    private StepOutput output;

    @Setup(Level.Trial)
    public void allocate() {
        device = new Device(threads, Steps.limits(sequences, 1, 16, vocabulary));
        logits = device.memory.buffer(Rows.SAMPLES, vocabulary);
        operations = device.memory.operations();
        step = Steps.of(sequences, 1, 16, choice.parameters);
        output = new StepOutput(sequences);
        Device.fill(operations, step, logits);
    }

    @Benchmark
    public StepOutput sample() {
        operations.sample(logits);
        operations.end();
        operations.take(output);
        return output;
    }

    @TearDown(Level.Trial)
    public void close() {
        device.close();
    }
}
