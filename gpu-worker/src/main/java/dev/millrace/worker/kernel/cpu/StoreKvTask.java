package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;

/// Keys and values of the step to their slots; a unit is a token.
final class StoreKvTask implements Task {

    private StepInput step = new StepInput(0);
    private CpuKvCache cache;
    private int layer;
    private CpuBuffer keys;
    private CpuBuffer values;

    StoreKvTask(CpuKvCache emptyCache, CpuBuffer empty) {
        cache = emptyCache;
        keys = empty;
        values = empty;
    }

    void prepare(StepInput input, CpuKvCache to, int cacheLayer, CpuBuffer newKeys, CpuBuffer newValues) {
        step = input;
        cache = to;
        layer = cacheLayer;
        keys = newKeys;
        values = newValues;
    }

    @Override
    public void run(int token, int thread) {
        int slot = step.slot(token);
        int offset = slot % CpuKvCache.TOKENS;
        MemorySegment data = cache.data();
        long headBytes = (long) Float.BYTES * cache.headSize();
        for (int head = 0; head < cache.kvHeads(); head++) {
            long to = cache.keys(layer, slot / CpuKvCache.TOKENS, head);
            long from = keys.offset(token) + headBytes * head;
            for (int i = 0; i < cache.headSize(); i++) {
                float key = keys.values().get(CpuBuffer.FLOAT, from + 4L * i);
                data.set(CpuBuffer.FLOAT, to + 4L * (i * CpuKvCache.TOKENS + offset), key);
            }
            long value = cache.values(to) + cache.valueStride() * offset;
            MemorySegment.copy(values.values(), values.offset(token) + headBytes * head, data, value, headBytes);
        }
    }
}
