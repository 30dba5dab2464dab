package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;

/// Attention in two parts. A row is a query head of a token; the rows of a sequence that share a KV head are cut into
/// tiles of 64, which share the reading of keys and values. The positions of a sequence are cut into spans of 512 from
/// position 0 on: a row's states of its spans are computed one by one and merged in order, so its result depends on its
/// own position alone, whoever computes them.
///
/// Where there is room for the states of all spans, a unit is some spans of a tile, and [#merge] is the second part:
/// one sequence with a long context then occupies every thread. Else a unit is a tile with all its spans.
final class AttentionTask implements Task {

    private static final int SPAN = 2 * AttentionKernel.RUN;
    /// Enough for threads to end at about the same time; with more, each would be too short to ask for memory ahead.
    private static final int UNITS_OF_A_THREAD = 8;
    /// Room for the states of spans.
    static final long SPAN_BYTES = 4 << 20;

    private final AttentionKernel[] kernels;
    private final MemorySegment spanStates;
    /// Where the tiles of each sequence begin.
    private final int[] firstTiles;
    private final Task merge = this::mergeTile;
    private StepInput step = new StepInput(0);
    private CpuKvCache cache;
    private int layer;
    private CpuBuffer queries;
    private CpuBuffer target;
    private int shared;
    private int spans;
    /// Units that a tile of a KV head is cut into.
    private int parts;
    /// Spans of such a unit.
    private int together;
    private long stateBytes;
    private boolean split;

    /// @param level of CPU features for kernels in C; 0 where the Vector API serves
    AttentionTask(
            Scratch[] scratch,
            MemorySegment spanStates,
            int maxTokens,
            int level,
            CpuKvCache emptyCache,
            CpuBuffer emptyBuffer) {
        this.spanStates = spanStates;
        kernels = new AttentionKernel[scratch.length];
        for (int thread = 0; thread < kernels.length; thread++) {
            kernels[thread] = new AttentionKernel(scratch[thread].attention(), emptyCache, level);
        }
        firstTiles = new int[maxTokens + 1];
        cache = emptyCache;
        queries = emptyBuffer;
        target = emptyBuffer;
    }

    /// What [#run] works on from now on.
    void prepare(StepInput input, CpuKvCache from, int cacheLayer, CpuBuffer asking, CpuBuffer to) {
        step = input;
        cache = from;
        layer = cacheLayer;
        queries = asking;
        target = to;
        shared = asking.columns() / from.headSize() / from.kvHeads();
        stateBytes = SoftmaxState.bytes(from.headSize());
        int longest = 0;
        for (int s = 0; s < input.sequenceCount(); s++) {
            int tiles = Math.ceilDiv(input.tokenCount(s) * shared, AttentionKernel.ROWS);
            firstTiles[s + 1] = firstTiles[s] + tiles;
            longest = Math.max(longest, input.contextLength(s));
        }
        spans = Math.ceilDiv(longest, SPAN);
        split = spans > 1
                && kernels.length > 1
                && stateBytes * AttentionKernel.ROWS * tiles() * cache.kvHeads() * spans <= spanStates.byteSize();
        int wanted = UNITS_OF_A_THREAD * kernels.length;
        together = split ? Math.clamp(tiles() * cache.kvHeads() * spans / wanted, 1, spans) : spans;
        parts = Math.ceilDiv(spans, together);
    }

    private int tiles() {
        return firstTiles[step.sequenceCount()];
    }

    int units() {
        return tiles() * cache.kvHeads() * parts;
    }

    /// The second part.
    Task merge() {
        return merge;
    }

    /// None where the first part has done it all.
    int mergeUnits() {
        return split ? tiles() * cache.kvHeads() : 0;
    }

    /// Values that the second part reads.
    long mergedValues() {
        long rows = (long) step.tokenCount() * shared * cache.kvHeads();
        return rows * spans * stateBytes / Float.BYTES;
    }

    /// Multiplications, which say how long it takes.
    long multiplications() {
        long positions = 0;
        for (int s = 0; s < step.sequenceCount(); s++) {
            positions += (long) step.tokenCount(s) * step.contextLength(s);
        }
        return 2 * positions * shared * cache.kvHeads() * cache.headSize();
    }

    private int sequence(int tile) {
        int sequence = 0;
        while (firstTiles[sequence + 1] <= tile) {
            sequence++;
        }
        return sequence;
    }

    private int rows(int sequence, int firstRow) {
        return Math.min(AttentionKernel.ROWS, step.tokenCount(sequence) * shared - firstRow);
    }

    @Override
    public void run(int unit, int thread) {
        int firstSpan = unit % parts * together;
        int head = unit / parts;
        int tile = head / cache.kvHeads();
        int kvHead = head % cache.kvHeads();
        int sequence = sequence(tile);
        int firstRow = (tile - firstTiles[sequence]) * AttentionKernel.ROWS;
        int rows = rows(sequence, firstRow);
        AttentionKernel kernel = kernels[thread];
        int longest = step.position(step.firstToken(sequence) + (firstRow + rows - 1) / shared) + 1;
        if (firstSpan * SPAN >= longest) {
            return;
        }
        kernel.begin(cache, rows);
        for (int row = 0; row < rows; row++) {
            int token = step.firstToken(sequence) + (firstRow + row) / shared;
            kernel.query(row, place(queries, token, kvHead, firstRow + row), step.position(token) + 1);
        }
        int end = Math.min(longest, (firstSpan + together) * SPAN);
        if (split) {
            for (int span = firstSpan; span * SPAN < end; span++) {
                span(kernel, sequence, kvHead, span * SPAN, end);
                long to = spanState(head, span);
                MemorySegment.copy(Raw.MEMORY, kernel.state(0), Raw.MEMORY, to, stateBytes * rows);
            }
        } else {
            for (int first = 0; first < end; first += SPAN) {
                span(kernel, sequence, kvHead, first, end);
                kernel.keep(first == 0);
            }
            for (int row = 0; row < rows; row++) {
                finish(kernel.earlier(row), sequence, kvHead, firstRow + row);
            }
        }
    }

    /// The span from position `first` on, of a unit that ends before `last`.
    private void span(AttentionKernel kernel, int sequence, int kvHead, int first, int last) {
        kernel.start();
        int end = Math.min(last, first + SPAN);
        for (int run = first; run < end; run += AttentionKernel.RUN) {
            int firstBlock = run / CpuKvCache.TOKENS;
            int count = Math.min(2 * AttentionKernel.RUN_BLOCKS, Math.ceilDiv(last - run, CpuKvCache.TOKENS));
            for (int block = 0; block < count; block++) {
                kernel.block(block, step.block(sequence, firstBlock + block));
            }
            kernel.run(layer, kvHead, run, Math.max(0, count - AttentionKernel.RUN_BLOCKS));
        }
    }

    /// Address of the states of a span, those of all rows of a tile.
    private long spanState(int head, int span) {
        return spanStates.address() + stateBytes * AttentionKernel.ROWS * ((long) head * spans + span);
    }

    private void mergeTile(int head, int thread) {
        int tile = head / cache.kvHeads();
        int sequence = sequence(tile);
        int firstRow = (tile - firstTiles[sequence]) * AttentionKernel.ROWS;
        int rows = rows(sequence, firstRow);
        for (int row = 0; row < rows; row++) {
            int positions = step.position(step.firstToken(sequence) + (firstRow + row) / shared) + 1;
            long into = spanState(head, 0) + stateBytes * row;
            for (int span = 1; span * SPAN < positions; span++) {
                long more = spanState(head, span) + stateBytes * row;
                SoftmaxState.merge(into, more, stateBytes);
            }
            finish(into, sequence, head % cache.kvHeads(), firstRow + row);
        }
    }

    private void finish(long state, int sequence, int kvHead, int row) {
        int token = step.firstToken(sequence) + row / shared;
        SoftmaxState.finish(state, cache.headSize(), place(target, token, kvHead, row));
    }

    private long place(CpuBuffer buffer, int token, int kvHead, int row) {
        return buffer.values().address()
                + buffer.offset(token)
                + (long) Float.BYTES * cache.headSize() * (kvHead * shared + row % shared);
    }
}
