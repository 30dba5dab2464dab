package dev.millrace.benchmarks;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.SamplingParameters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// Attention of one layer over a context, for the last tokens of it; the heads are those of Llama 3.2 1B.
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

    @Param("0")
    public int threads;

    private Device device;
    private Operations operations;
    private KvCache cache;
    private DeviceBuffer queries;
    private DeviceBuffer target;

    @Setup(Level.Trial)
    public void allocate() {
        device = new Device(threads, Steps.limits(1, context, context, 100));
        queries = device.memory.buffer(Rows.TOKENS, heads * headSize);
        target = device.memory.buffer(Rows.TOKENS, heads * headSize);
        DeviceBuffer keys = device.memory.buffer(Rows.TOKENS, kvHeads * headSize);
        DeviceBuffer values = device.memory.buffer(Rows.TOKENS, kvHeads * headSize);
        cache = device.memory.kvCache(1, kvHeads, headSize);
        boolean reserved = true;
        while (reserved) {
            reserved = device.memory.takeReserved();
        }
        operations = device.memory.operations();
        Device.fill(operations, Steps.of(1, context, context, SamplingParameters.GREEDY), keys, values);
        operations.storeKv(cache, 0, keys, values);
        Device.fill(operations, Steps.of(1, tokens, context, SamplingParameters.GREEDY), queries);
    }

    @Benchmark
    public void attend() {
        operations.attention(cache, 0, queries, target);
    }

    @TearDown(Level.Trial)
    public void close() {
        device.close();
    }
}
