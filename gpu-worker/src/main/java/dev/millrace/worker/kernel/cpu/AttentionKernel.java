package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;

/// The inner part of attention, with the scratch of one thread: up to 64 rows, each a query head of a token, over a run
/// of positions of their KV head. Keys and values are expanded 64 positions at a time, once for all rows.
///
/// A row's arithmetic does not depend on the other rows: scores and sums of values run over dimensions and positions in
/// order, and positions that a row may not see have the weight 0 exactly. Where there is a library, [NativeAttention]
/// does the same work.
final class AttentionKernel {

    /// Rows at a time.
    static final int ROWS = 64;
    /// Positions between two adaptations of the highest score.
    static final int RUN = 256;

    private static final int PANEL = KvFormat.PANEL_BYTES / Float.BYTES;
    private static final int BLOCKS = PANEL / KvFormat.TOKENS;
    private static final long SCORE_BYTES = (long) RUN * Float.BYTES;
    /// Blocks of a run.
    static final int RUN_BLOCKS = RUN / KvFormat.TOKENS;

    private static final long NUMBER_BYTES = (long) Integer.BYTES * (ROWS + 2 * RUN_BLOCKS);

    private final long scores;
    /// Positions that each row sees.
    private final long lengths;
    /// Where the 16-token blocks of a run and of the next one begin in a head's keys or values, as numbers of blocks.
    private final long blocks;
    /// Of CPU features for the kernel in C; 0 where the Vector API serves.
    private final int level;
    private CpuKvCache cache;
    private int headSize;
    private int rows;
    private long queryBytes;
    private long stateBytes;
    private long queries;
    private long panel;
    private long sums;
    private long states;

    AttentionKernel(MemorySegment scratch, CpuKvCache empty, int level) {
        scores = scratch.address();
        lengths = scores + ROWS * SCORE_BYTES;
        blocks = lengths + ROWS * Integer.BYTES;
        this.level = level;
        cache = empty;
    }

    static long scratchBytes(int headSize) {
        long head = (long) Float.BYTES * KvFormat.padded(headSize);
        return ROWS * SCORE_BYTES
                + NUMBER_BYTES
                + ROWS * head
                + (PANEL + 4) * head
                + 2 * ROWS * SoftmaxState.bytes(headSize);
    }

    /// Takes on rows of one KV head; their queries and lengths follow.
    void begin(CpuKvCache from, int rowCount) {
        cache = from;
        headSize = from.headSize();
        rows = rowCount;
        queryBytes = (long) Float.BYTES * KvFormat.padded(headSize);
        stateBytes = SoftmaxState.bytes(headSize);
        queries = scores + ROWS * SCORE_BYTES + NUMBER_BYTES;
        panel = queries + ROWS * queryBytes;
        sums = panel + PANEL * queryBytes;
        states = sums + 4 * queryBytes;
        Raw.zero(queries + queryBytes * rows, queryBytes * (padded(rows) - rows));
    }

    /// Rows are multiplied by fours; what is too much has the query, so the scores and weights, 0.
    private static int padded(int rows) {
        return Math.ceilDiv(rows, 4) * 4;
    }

    /// The query of a row, which sees the first `length` positions.
    void query(int row, long from, int length) {
        Raw.setBits(lengths + 4L * row, length);
        scale(from, headSize, (float) (1 / Math.sqrt(headSize)), queries + queryBytes * row);
    }

    private static void scale(long from, int count, float factor, long to) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            Raw.set(to + 4L * i, Raw.floats(from + 4L * i).mul(factor));
        }
    }

    private int length(int row) {
        return Raw.bits(lengths + 4L * row);
    }

    /// Says which block of the cache is block `index` of the run that comes next; from [#RUN_BLOCKS] on it is one of
    /// the
    /// run thereafter.
    void block(int index, int number) {
        Raw.setBits(blocks + 4L * index, number);
    }

    private int block(int index) {
        return Raw.bits(blocks + 4L * index);
    }

    /// Address of a row's state.
    long state(int row) {
        return states + stateBytes * row;
    }

    /// Address of a row's state of earlier spans.
    long earlier(int row) {
        return states + stateBytes * (ROWS + row);
    }

    /// Forgets the positions so far.
    void start() {
        for (int row = 0; row < padded(rows); row++) {
            SoftmaxState.start(state(row), stateBytes);
        }
    }

    /// Adds the run of positions from `first` on, of which [#block] has said where they are, to the state of each row.
    ///
    /// @param ahead blocks of the run thereafter that are known
    void run(int layer, int kvHead, int first, int ahead) {
        if (level > 0) {
            NativeAttention.run(
                    level,
                    cache.format().bytes(),
                    cache.keys(layer, kvHead),
                    cache.values(layer, kvHead),
                    blocks,
                    ahead,
                    first,
                    headSize,
                    rows,
                    lengths,
                    queries,
                    scores,
                    states,
                    panel);
            return;
        }
        int longest = Math.min(RUN, length(rows - 1) - first);
        score(cache.keys(layer, kvHead), first, longest);
        for (int row = 0; row < rows; row++) {
            soften(row, length(row) - first, length(lastOf(row)) - first);
        }
        add(cache.values(layer, kvHead), first, longest);
    }

    /// The last of the four rows that are multiplied together: it sees the most positions.
    private int lastOf(int row) {
        return Math.min(rows - 1, row | 3);
    }

    private void score(long keys, int first, int longest) {
        KvFormat format = cache.format();
        long blockBytes = format.keyBytes(headSize);
        for (int at = 0; at < longest; at += PANEL) {
            int count = Math.min(BLOCKS, Math.ceilDiv(longest - at, KvFormat.TOKENS));
            for (int block = 0; block < count; block++) {
                long from = keys + blockBytes * block(at / KvFormat.TOKENS + block);
                format.expandKeys(from, headSize, panel + 4L * block * KvFormat.TOKENS);
            }
            int bytes = count * KvFormat.TOKENS * Float.BYTES;
            for (int row = 0; row < rows; row += 4) {
                if (length(lastOf(row)) > first + at) {
                    PanelProduct.multiply(
                            queries + queryBytes * row,
                            queryBytes,
                            headSize,
                            panel,
                            KvFormat.PANEL_BYTES,
                            bytes,
                            scores + SCORE_BYTES * row + 4L * at,
                            SCORE_BYTES);
                }
            }
        }
    }

    /// Weights of `length` positions, and zeros up to `padded`.
    private void soften(int row, int length, int padded) {
        long mine = scores + SCORE_BYTES * row;
        int seen = Math.clamp(length, 0, RUN);
        if (seen > 0) {
            SoftmaxState.soften(mine, seen, state(row), stateBytes);
        }
        for (int at = seen; at < Math.min(RUN, padded); at++) {
            Raw.set(mine + 4L * at, 0f);
        }
    }

    private void add(long values, int first, int longest) {
        KvFormat format = cache.format();
        long blockBytes = format.valueBytes(headSize);
        for (int at = 0; at < longest; at += PANEL) {
            int count = Math.min(BLOCKS, Math.ceilDiv(longest - at, KvFormat.TOKENS));
            for (int block = 0; block < count; block++) {
                long from = values + blockBytes * block(at / KvFormat.TOKENS + block);
                format.expandValues(from, headSize, panel + queryBytes * block * KvFormat.TOKENS);
            }
            for (int row = 0; row < rows; row += 4) {
                int seen = Math.min(PANEL, length(lastOf(row)) - first - at);
                if (seen > 0) {
                    PanelProduct.multiply(
                            scores + SCORE_BYTES * row + 4L * at,
                            SCORE_BYTES,
                            seen,
                            panel,
                            queryBytes,
                            (int) queryBytes,
                            sums,
                            queryBytes);
                    for (int r = row; r < Math.min(rows, row + 4); r++) {
                        SoftmaxState.add(state(r), sums + queryBytes * (r - row), queryBytes);
                    }
                }
            }
        }
    }

    /// Adds the state of later positions to what is known of earlier ones, or begins with it.
    void keep(boolean begins) {
        for (int row = 0; row < rows; row++) {
            if (begins) {
                MemorySegment.copy(Raw.MEMORY, state(row), Raw.MEMORY, earlier(row), stateBytes);
            } else if (Raw.get(state(row)) != Float.NEGATIVE_INFINITY) {
                SoftmaxState.merge(earlier(row), state(row), stateBytes);
            }
        }
    }
}
