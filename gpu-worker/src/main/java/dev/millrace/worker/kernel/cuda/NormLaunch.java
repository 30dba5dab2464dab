package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Root mean square norms of rows or of their heads (`rms_norm.cu`).
final class NormLaunch {

    /// Shorter rows are a warp's.
    private static final int WIDE_COLUMNS = 256;

    private static final int THREADS = 256;
    private static final int WARP = 32;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;

    NormLaunch(CudaKernels kernels, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("rms_norm", "rms_norm");
        arguments = kernel.arguments()
                .address(rows.step())
                .whole(0)
                .address(0)
                .address(0)
                .real(0)
                .address(0)
                .whole(0)
                .whole(0);
    }

    /// Over each run of as many values as there are weights: rows, or heads of rows. `source` and `target` may be the
    /// same.
    void launch(CudaBuffer source, CudaVector weight, float epsilon, CudaBuffer target) {
        int size = weight.size();
        arguments.setWhole(1, StepRows.number(source.rows()));
        arguments.setAddress(2, source.address());
        arguments.setAddress(3, weight.address());
        arguments.setReal(4, epsilon);
        arguments.setAddress(5, target.address());
        arguments.setWhole(6, source.columns());
        arguments.setWhole(7, size);
        int threads = size > WIDE_COLUMNS ? THREADS : WARP;
        kernel.launch(stream, rows.of(source.rows()), source.columns() / size, 1, threads, 0, arguments);
    }
}
