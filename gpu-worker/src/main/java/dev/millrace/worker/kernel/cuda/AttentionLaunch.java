package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/// Attention of a step's tokens over the layers of a KV cache (`attention.cu`). Where few rows see long contexts, their
/// spans of 256 positions are worked out side by side and merged by a second kernel; a row has the same bits either
/// way.
final class AttentionLaunch {

    /// Values of a head that the kernels can take.
    static final int MOST_VALUES = 1024;

    /// Tokens of a step: the third axis of a grid has no more blocks.
    static final int MOST_TOKENS = 65_535;

    /// Positions that are worked out as one.
    private static final int SPAN = 256;
    /// Rows times spans up to which spans are worked out side by side: beyond, there is enough to do without.
    private static final int MOST_SPLITS = 2048;
    /// Beside the sums of a head's values, of a row and span.
    private static final int STATE_VALUES = 2;

    private static final int WIDTH = 128;
    private static final int ROWS = 8;
    private static final int ROWS_OF_WIDE_HEADS = 2;
    private static final int THREADS = 128;

    private final StepRows rows;
    private final Stream stream;
    private final CudaKvCache cache;
    private final Kernel attend;
    private final KernelArguments attending;
    private final MergeLaunch merge;
    private final int rowsOfBlock;

    /// @param partials room for [#partialBytes]
    AttentionLaunch(CudaKernels kernels, StepRows rows, Stream stream, CudaKvCache cache, long partials) {
        this.rows = rows;
        this.stream = stream;
        this.cache = cache;
        int headSize = cache.headSize();
        if (headSize > MOST_VALUES) {
            throw new IllegalArgumentException(
                    "a head of %d values; %d is the most on a CUDA device".formatted(headSize, MOST_VALUES));
        }
        boolean wide = headSize > WIDTH;
        rowsOfBlock = wide ? ROWS_OF_WIDE_HEADS : ROWS;
        attend = kernels.kernel("attention", (wide ? "attend_wide_" : "attend_") + cache.suffix());
        attending = attend.arguments()
                .address(rows.step())
                .address(0)
                .address(0)
                .address(partials)
                .address(0)
                .whole(0)
                .whole(cache.kvHeads())
                .whole(headSize)
                .whole(1);
        merge = new MergeLaunch(kernels, rows, stream, headSize, partials);
    }

    /// What is kept of spans between the two kernels, whatever a step has.
    ///
    /// @param columns of the queries
    static long partialBytes(int columns, int headSize) {
        return (long) Float.BYTES * MOST_SPLITS * (columns + STATE_VALUES * (columns / headSize));
    }

    /// Into how many spans contexts are split; 1 where a block goes through all of them.
    ///
    /// @param rows of the launch, those of the step or more
    /// @param contextLength of the step's longest sequence, or more
    static int splits(int rows, int contextLength) {
        int spans = Math.ceilDiv(contextLength, SPAN);
        return (long) rows * spans <= MOST_SPLITS ? spans : 1;
    }

    /// `queries` and `target` may be the same.
    ///
    /// @param splits from [#splits] for the rows of this step
    /// @return what merges the spans into the target, which is to be launched before anything else; null where it is
    /// done
    @Nullable
    RowsMaker launch(int layer, CudaBuffer queries, CudaBuffer target, int splits) {
        int heads = queries.columns() / cache.headSize();
        int blocksOfHeads = cache.kvHeads() * Math.ceilDiv(heads / cache.kvHeads(), rowsOfBlock);
        attending.setAddress(1, queries.address());
        attending.setAddress(2, cache.layer(layer));
        attending.setAddress(4, target.address());
        attending.setWhole(5, heads);
        attending.setWhole(8, splits);
        attend.launch(stream, splits, blocksOfHeads, rows.of(Rows.TOKENS), THREADS, 0, attending);
        if (splits == 1) {
            return null;
        }
        merge.set(target, heads, splits);
        return merge;
    }
}
