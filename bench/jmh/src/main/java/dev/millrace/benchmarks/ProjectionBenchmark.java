package dev.millrace.benchmarks;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// One matrix product `[rows, columns]` with a step's tokens; the default is the FFN of Llama 3.2 1B.
public class ProjectionBenchmark extends Measured {

    @Param({"Q4_0", "Q8_0", "Q4_K", "Q6_K", "BF16", "F16", "F32"})
    public TensorType type;

    @Param({"1", "8", "32", "512"})
    public int tokens;

    @Param("8192")
    public int rows;

    @Param("2048")
    public int columns;

    @Param("0")
    public int threads;

    private Device device;
    private Operations operations;
    private DeviceBuffer source;
    private Projection[] projections;

    @Setup(Level.Trial)
    public void allocate() {
        device = new Device(threads, Steps.limits(1, tokens, tokens, 100));
        source = device.memory.buffer(Rows.TOKENS, columns);
        DeviceBuffer target = device.memory.buffer(Rows.TOKENS, rows);
        projections = new Projection[] {new Projection(device.matrix(type, rows, columns), null, target, false)};
        operations = device.memory.operations();
        StepInput step = Steps.of(1, tokens, tokens, SamplingParameters.GREEDY);
        Device.fill(operations, step, source);
    }

    @Benchmark
    public void project() {
        operations.project(source, projections);
    }

    @TearDown(Level.Trial)
    public void close() {
        device.close();
    }
}
