package dev.millrace.benchmarks;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.SamplingParameters;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// What stands between matrix products, in the sizes of Llama 3.2 1B.
public class ElementwiseBenchmark extends Measured {

    private static final int HIDDEN = 2048;
    private static final int HEAD_SIZE = 64;
    private static final float EPSILON = 1e-5f;

    @Param({"1", "8", "512"})
    public int tokens;

    @Param("0")
    public int threads;

    private Device device;
    private Operations operations;
    private DeviceBuffer hidden;
    private DeviceBuffer normed;
    private DeviceVector weight;
    private RopeTable rope;

    @Setup(Level.Trial)
    public void allocate() {
        device = new Device(threads, Steps.limits(1, tokens, tokens, 100));
        hidden = device.memory.buffer(Rows.TOKENS, HIDDEN);
        normed = device.memory.buffer(Rows.TOKENS, HIDDEN);
        float[] ones = new float[HIDDEN];
        Arrays.fill(ones, 1f);
        weight = device.memory.vector(ones);
        double[] frequencies = new double[HEAD_SIZE / 2];
        Arrays.setAll(frequencies, i -> Math.pow(10_000, -2.0 * i / HEAD_SIZE));
        rope = device.memory.ropeTable(new RopeFrequencies(frequencies, 1f, RopePairs.HALVES));
        operations = device.memory.operations();
        Device.fill(operations, Steps.of(1, tokens, tokens, SamplingParameters.GREEDY), hidden);
    }

    @Benchmark
    public void norm() {
        operations.rmsNorm(hidden, weight, EPSILON, normed);
    }

    @Benchmark
    public void rope() {
        operations.rope(hidden, HEAD_SIZE, rope);
    }

    @TearDown(Level.Trial)
    public void close() {
        device.close();
    }
}
