package dev.millrace.benchmarks;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cpu.CpuKernels;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.SamplingParameters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// Attention of some layers over a context, for the last tokens of it; the heads are those of Llama 3.2 1B. The keys
/// and
/// values of one layer stay in a cache of the CPU, those of 16 do not.
public class AttentionBenchmark extends Measured {

    @Param({"128", "1024", "8192"})
    public int context;

    @Param({"1", "64"})
    public int tokens;

    @Param("32")
    public int heads;

    @Param("8")
    public int kvHeads;

    @Param("64")
    public int headSize;

    @Param("F16")
    public KvType kvType;

    @Param("1")
    public int layers;

    @Param("AUTO")
    public CpuKernels kernels;

    @Param("0")
    public int threads;

    private Device device;
    private Operations operations;
    private KvCache cache;
    private DeviceBuffer queries;
    private DeviceBuffer target;

    @Setup(Level.Trial)
    public void allocate() {
        device = new Device(threads, kernels, Steps.limits(1, context, context, 100, kvType));
        queries = device.memory.buffer(Rows.TOKENS, heads * headSize);
        target = device.memory.buffer(Rows.TOKENS, heads * headSize);
        DeviceBuffer keys = device.memory.buffer(Rows.TOKENS, kvHeads * headSize);
        DeviceBuffer values = device.memory.buffer(Rows.TOKENS, kvHeads * headSize);
        cache = device.memory.kvCache(layers, kvHeads, headSize);
        boolean reserved = true;
        while (reserved) {
            reserved = device.memory.takeReserved();
        }
        operations = device.memory.operations();
        Device.fill(operations, Steps.of(1, context, context, SamplingParameters.GREEDY), keys, values);
        for (int layer = 0; layer < layers; layer++) {
            operations.storeKv(cache, layer, keys, values);
        }
        Device.fill(operations, Steps.of(1, tokens, context, SamplingParameters.GREEDY), queries);
    }

    @Benchmark
    public void attend() {
        for (int layer = 0; layer < layers; layer++) {
            operations.attention(cache, layer, queries, target);
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        device.close();
    }
}
