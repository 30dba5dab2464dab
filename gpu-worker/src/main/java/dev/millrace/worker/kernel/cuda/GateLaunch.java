package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Makes `gate / (1 + exp(-gate)) * up` of two buffers (`gate.cu`).
final class GateLaunch {

    private static final int THREADS = 128;
    private static final int COLUMNS_OF_A_BLOCK = 1024;
    private static final int TARGETS = 5;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;

    GateLaunch(CudaKernels kernels, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("gate", "gate");
        arguments = RoundingTargets.add(kernel.arguments()
                .address(rows.step())
                .whole(0)
                .address(0)
                .address(0)
                .whole(0));
    }

    /// The result is rounded, or, where nobody wants that, in place of the gates.
    void launch(CudaBuffer gates, CudaBuffer ups, RoundingTargets targets) {
        arguments.setWhole(1, StepRows.number(gates.rows()));
        arguments.setAddress(2, gates.address());
        arguments.setAddress(3, ups.address());
        arguments.setWhole(4, gates.columns());
        targets.set(arguments, TARGETS);
        int blocks = Math.ceilDiv(gates.columns(), COLUMNS_OF_A_BLOCK);
        kernel.launch(stream, rows.of(gates.rows()), blocks, 1, THREADS, 0, arguments);
    }
}
