package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;

/// Attention; a unit is a token and a KV head, whose query heads share the reading of keys and values, four at a time.
///
/// The positions of a sequence are taken in runs of 256 from position 0 on, each with the highest score so far (online
/// softmax), so the memory does not grow with the context and a token's result depends on its own position alone.
final class AttentionTask implements Task {

    /// Query heads at a time.
    static final int HEADS = AttentionKernel.HEADS;

    private final Scratch[] scratch;
    private StepInput step = new StepInput(0);
    private CpuKvCache cache;
    private int layer;
    private CpuBuffer queries;
    private CpuBuffer target;
    private int heads;

    AttentionTask(Scratch[] scratch, CpuKvCache emptyCache, CpuBuffer emptyBuffer) {
        this.scratch = scratch;
        cache = emptyCache;
        queries = emptyBuffer;
        target = emptyBuffer;
    }

    /// What [#run] works on from now on, and returns the number of units.
    int prepare(StepInput input, CpuKvCache from, int cacheLayer, CpuBuffer asking, CpuBuffer to) {
        step = input;
        cache = from;
        layer = cacheLayer;
        queries = asking;
        target = to;
        heads = asking.columns() / from.headSize();
        return input.tokenCount() * from.kvHeads();
    }

    /// Multiplications, which say how long it takes.
    long multiplications() {
        long positions = 0;
        for (int s = 0; s < step.sequenceCount(); s++) {
            positions += (long) step.tokenCount(s) * step.contextLength(s);
        }
        return 2 * positions * heads * cache.headSize();
    }

    @Override
    public void run(int unit, int thread) {
        int token = unit / cache.kvHeads();
        int kvHead = unit % cache.kvHeads();
        int shared = heads / cache.kvHeads();
        for (int first = 0; first < shared; first += HEADS) {
            int count = Math.min(HEADS, shared - first);
            attend(token, kvHead, kvHead * shared + first, count, scratch[thread].attention());
        }
    }

    private void attend(int token, int kvHead, int firstHead, int count, MemorySegment mine) {
        int headSize = cache.headSize();
        int row = step.sequenceRow(token);
        int positions = step.position(token) + 1;
        AttentionKernel kernel = new AttentionKernel(mine, headSize);
        long query = queries.offset(token) + 4L * firstHead * headSize;
        kernel.start();
        for (int run = 0; run < positions; run += AttentionKernel.RUN) {
            int length = Math.min(AttentionKernel.RUN, positions - run);
            for (int at = 0; at < length; at += CpuKvCache.TOKENS) {
                long keys = cache.keys(layer, step.block(row, (run + at) / CpuKvCache.TOKENS), kvHead);
                kernel.score(queries.values(), query, count, cache.data(), keys, at);
            }
            kernel.soften(length);
            for (int at = 0; at < length; at += CpuKvCache.TOKENS) {
                long keys = cache.keys(layer, step.block(row, (run + at) / CpuKvCache.TOKENS), kvHead);
                int tokens = Math.min(CpuKvCache.TOKENS, length - at);
                kernel.add(cache.data(), cache.values(keys), cache.valueStride(), at, tokens);
            }
        }
        kernel.finish(target.values(), target.offset(token) + 4L * firstHead * headSize, count);
    }
}
