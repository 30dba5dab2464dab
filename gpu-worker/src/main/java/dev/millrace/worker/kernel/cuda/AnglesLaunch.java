package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Works out by which angles heads turn, from the positions of a step's tokens (`rope.cu`).
final class AnglesLaunch {

    private static final int THREADS = 128;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;

    AnglesLaunch(CudaKernels kernels, StepRows rows, Stream stream, CudaRopeTable table) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("rope", "rope_angles");
        arguments = kernel.arguments()
                .address(rows.step())
                .address(table.radians())
                .real(table.magnitude())
                .address(table.angles())
                .whole(table.size());
    }

    void launch() {
        kernel.launch(stream, rows.of(Rows.TOKENS), 1, 1, THREADS, 0, arguments);
    }
}
