package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Rounds rows to 8 bits (`quantize.cu`), where the kernel that made them could not.
final class RoundLaunch {

    private static final int THREADS = 128;
    private static final int COLUMNS_OF_A_BLOCK = 1024;
    private static final int TARGETS = 4;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;

    RoundLaunch(CudaKernels kernels, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("quantize", "quantize");
        arguments = RoundingTargets.add(
                kernel.arguments().address(rows.step()).whole(0).address(0).whole(0));
    }

    void launch(CudaBuffer source, RoundingTargets targets) {
        arguments.setWhole(1, StepRows.number(source.rows()));
        arguments.setAddress(2, source.address());
        arguments.setWhole(3, source.columns());
        targets.set(arguments, TARGETS);
        int blocks = Math.ceilDiv(source.columns(), COLUMNS_OF_A_BLOCK);
        kernel.launch(stream, rows.of(source.rows()), blocks, 1, THREADS, 0, arguments);
    }
}
