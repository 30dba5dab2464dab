package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.step.StepInput;

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
        int block = step.slot(token) / CpuKvCache.TOKENS;
        int place = step.slot(token) % CpuKvCache.TOKENS;
        int size = cache.headSize();
        KvFormat format = cache.format();
        for (int head = 0; head < cache.kvHeads(); head++) {
            long from = (long) Float.BYTES * size * head;
            long key = cache.keys(layer, head) + format.keyBytes(size) * block;
            format.storeKey(keys.values().address() + keys.offset(token) + from, size, key, place);
            long value = cache.values(layer, head) + format.valueBytes(size) * block;
            format.storeValue(values.values().address() + values.offset(token) + from, size, value, place);
        }
    }
}
