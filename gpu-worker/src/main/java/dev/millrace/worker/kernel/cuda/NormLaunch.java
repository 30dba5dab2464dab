package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Root mean square norms of rows (`rms_norm.cu`).
final class NormLaunch implements RowsMaker {

    /// Shorter rows are a warp's.
    private static final int WIDE_COLUMNS = 256;

    private static final int THREADS = 256;
    private static final int WARP = 32;
    private static final int TARGETS = 7;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;
    private CudaBuffer target = CudaBuffer.NONE;

    NormLaunch(CudaKernels kernels, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("rms_norm", "rms_norm");
        arguments = RoundingTargets.add(kernel.arguments()
                .address(rows.step())
                .whole(0)
                .address(0)
                .address(0)
                .real(0)
                .address(0)
                .whole(0));
    }

    /// What the next launch does. `source` and `target` may be the same.
    void set(CudaBuffer source, CudaVector weight, float epsilon, CudaBuffer target) {
        this.target = target;
        arguments.setWhole(1, StepRows.number(source.rows()));
        arguments.setAddress(2, source.address());
        arguments.setAddress(3, weight.address());
        arguments.setReal(4, epsilon);
        arguments.setAddress(5, target.address());
        arguments.setWhole(6, source.columns());
    }

    @Override
    public CudaBuffer target() {
        return target;
    }

    @Override
    public void launch(RoundingTargets targets) {
        targets.set(arguments, TARGETS);
        int threads = target.columns() > WIDE_COLUMNS ? THREADS : WARP;
        kernel.launch(stream, rows.of(target.rows()), 1, 1, threads, 0, arguments);
    }
}
