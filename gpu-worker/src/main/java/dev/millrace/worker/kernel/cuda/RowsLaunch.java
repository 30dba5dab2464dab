package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Brings rows to their places (`rows.cu`); those of two buffers that are gathered one after the other at once.
final class RowsLaunch implements Held {

    private static final int THREADS = 256;
    private static final int COLUMNS_OF_A_BLOCK = 1024;
    private static final int ROW_ALIGNMENT = 256;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel take;
    private final Kernel gather;
    private final KernelArguments taking;
    private final KernelArguments gathering;
    private int heldBlocks;

    RowsLaunch(CudaKernels kernels, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        take = kernels.kernel("rows", "take_rows");
        gather = kernels.kernel("rows", "gather_rows");
        taking = take.arguments().address(rows.step()).address(0).whole(0);
        gathering = gather.arguments()
                .address(rows.step())
                .address(0)
                .address(0)
                .whole(0)
                .whole(0)
                .address(0)
                .address(0)
                .whole(0);
    }

    /// Where rows stand that are uploaded together with a step of so many bytes.
    static long rowsBehind(long stepBytes) {
        return Math.ceilDiv(stepBytes, ROW_ALIGNMENT) * ROW_ALIGNMENT;
    }

    /// The rows that came behind the step.
    void take(CudaBuffer target) {
        taking.setAddress(1, target.address());
        taking.setWhole(2, target.columns());
        take.launch(stream, rows.of(Rows.TOKENS), blocks(target), 1, THREADS, 0, taking);
    }

    /// The rows of the tokens that are sampled after; held back for those of another buffer.
    void gather(CudaBuffer tokens, CudaBuffer samples) {
        int blocks = blocks(tokens);
        boolean second = heldBlocks > 0;
        int first = second ? 5 : 1;
        gathering.setAddress(first, tokens.address());
        gathering.setAddress(first + 1, samples.address());
        gathering.setWhole(first + 2, tokens.columns());
        if (second) {
            launchGather(heldBlocks + blocks);
        } else {
            gathering.setWhole(4, blocks);
            heldBlocks = blocks;
        }
    }

    private void launchGather(int blocks) {
        heldBlocks = 0;
        gather.launch(stream, rows.of(Rows.SAMPLES), blocks, 1, THREADS, 0, gathering);
    }

    @Override
    public void settle() {
        if (heldBlocks > 0) {
            launchGather(heldBlocks);
        }
    }

    @Override
    public void forget() {
        heldBlocks = 0;
    }

    private static int blocks(CudaBuffer buffer) {
        return Math.ceilDiv(buffer.columns(), COLUMNS_OF_A_BLOCK);
    }
}
