package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Makes one of what attention left of several spans (`attend_merge` of `attention.cu`).
final class MergeLaunch implements RowsMaker {

    private static final int COLUMNS_OF_A_BLOCK = 256;
    private static final int TARGETS = 6;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;
    private CudaBuffer target = CudaBuffer.NONE;

    /// @param partials where attention leaves its spans
    MergeLaunch(CudaKernels kernels, StepRows rows, Stream stream, int headSize, long partials) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("attention", "attend_merge");
        arguments = RoundingTargets.add(kernel.arguments()
                .address(rows.step())
                .address(partials)
                .address(0)
                .whole(0)
                .whole(headSize)
                .whole(1));
    }

    /// What the next launch does.
    void set(CudaBuffer target, int heads, int splits) {
        this.target = target;
        arguments.setAddress(2, target.address());
        arguments.setWhole(3, heads);
        arguments.setWhole(5, splits);
    }

    @Override
    public CudaBuffer target() {
        return target;
    }

    @Override
    public void launch(RoundingTargets targets) {
        targets.set(arguments, TARGETS);
        int blocks = Math.ceilDiv(target.columns(), COLUMNS_OF_A_BLOCK);
        kernel.launch(stream, blocks, rows.of(Rows.TOKENS), 1, COLUMNS_OF_A_BLOCK, 0, arguments);
    }
}
