package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Module;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Attention of a step's tokens over the KV of a layer (`attention.cu`). Where few rows see long contexts, their spans
/// of 256 positions are worked out side by side and merged by a second kernel; a row has the same bits either way.
final class AttentionLaunch {

    /// What the kernels are in.
    static final String MODULE = "attention";

    /// Positions that are worked out as one.
    private static final int SPAN = 256;
    /// Rows times spans up to which spans are worked out side by side: beyond, there is enough to do without.
    private static final int MOST_SPLITS = 2048;
    /// Beside the sums of a head's values, of a row and span.
    private static final int STATE_VALUES = 2;

    private static final int WIDTH = 256;
    private static final int ROWS = 8;
    private static final int ROWS_OF_WIDE_HEADS = 2;
    private static final int THREADS = 128;

    private final Kernel attend;
    private final Kernel merge;
    private final KernelArguments attending;
    private final KernelArguments merging;
    private final int heads;
    private final int gridHeads;

    /// @param heads query heads
    /// @param partials room for [#partialBytes]
    AttentionLaunch(Module module, KvLayout layout, int heads, long partials) {
        int size = layout.headSize();
        boolean wide = size > WIDTH;
        int shared = heads / layout.kvHeads();
        this.heads = heads;
        gridHeads = layout.kvHeads() * Math.ceilDiv(shared, wide ? ROWS_OF_WIDE_HEADS : ROWS);
        attend = module.kernel((wide ? "attend_wide_" : "attend_") + layout.suffix());
        merge = module.kernel("attend_merge");
        attending = attend.arguments()
                .address(0)
                .address(0)
                .address(0)
                .address(partials)
                .address(0)
                .whole(heads)
                .whole(layout.kvHeads())
                .whole(size)
                .whole(1);
        merging = merge.arguments()
                .address(0)
                .address(partials)
                .address(0)
                .whole(heads)
                .whole(size)
                .whole(1);
    }

    /// What is kept of spans between the two kernels, whatever a step has.
    static long partialBytes(int heads, int headSize) {
        return (long) Float.BYTES * MOST_SPLITS * heads * (headSize + STATE_VALUES);
    }

    /// Into how many spans contexts are split; 1 where a block goes through all of them.
    ///
    /// @param rows of the launch, those of the step or more
    /// @param contextLength of the longest sequence, or more
    static int splits(int rows, int contextLength) {
        int spans = Math.ceilDiv(contextLength, SPAN);
        return (long) rows * spans <= MOST_SPLITS ? spans : 1;
    }

    /// Puts it on `stream`. All numbers are device addresses, `layer` that of the layer's KV; `queries` and `target` may
    /// be the same.
    ///
    /// @param rows of the launch, those of the step or more
    /// @param splits from [#splits] of as many rows
    void launch(Stream stream, long step, long queries, long layer, long target, int rows, int splits) {
        attending.setAddress(0, step);
        attending.setAddress(1, queries);
        attending.setAddress(2, layer);
        attending.setAddress(4, target);
        attending.setWhole(8, splits);
        attend.launch(stream, splits, gridHeads, rows, THREADS, 0, attending);
        if (splits > 1) {
            merging.setAddress(0, step);
            merging.setAddress(2, target);
            merging.setWhole(5, splits);
            merge.launch(stream, heads, rows, 1, THREADS, 0, merging);
        }
    }
}
