package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Rounds rows to 8 bits (`quantize.cu`).
final class RoundLaunch {

    private static final int THREADS = 256;
    private static final int UNITS_OF_A_BLOCK = 8;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;

    RoundLaunch(CudaKernels kernels, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("quantize", "quantize");
        arguments = kernel.arguments()
                .address(rows.step())
                .whole(0)
                .address(0)
                .address(0)
                .address(0)
                .address(0)
                .whole(0)
                .whole(0);
    }

    void launch(CudaBuffer source, RoundedRows target) {
        arguments.setWhole(1, StepRows.number(source.rows()));
        arguments.setAddress(2, source.address());
        arguments.setAddress(3, target.quants());
        arguments.setAddress(4, target.scales());
        arguments.setAddress(5, target.sums());
        arguments.setWhole(6, source.columns());
        arguments.setWhole(7, target.blockUnits());
        int units = source.columns() / MatrixLayout.UNIT_COLUMNS;
        kernel.launch(stream, rows.of(source.rows()), Math.ceilDiv(units, UNITS_OF_A_BLOCK), 1, THREADS, 0, arguments);
    }
}
