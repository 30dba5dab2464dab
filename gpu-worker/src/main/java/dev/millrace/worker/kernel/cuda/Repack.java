package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.util.Locale;

/// Brings rows that lie on the device in a file's layout into [MatrixLayout], on the device.
final class Repack {

    private static final int WARP = 32;
    private static final int UNITS_OF_A_BLOCK = 2;

    private final CudaKernels kernels;
    private final Stream stream;

    Repack(CudaKernels kernels, Stream stream) {
        this.kernels = kernels;
        this.stream = stream;
    }

    /// How rows at an address become rows of `matrix`.
    WeightUpload.Rows into(CudaMatrix matrix) {
        Kernel kernel = kernels.kernel("repack", name(matrix.type()));
        int pairs = Math.ceilDiv(Math.ceilDiv(matrix.columns(), MatrixLayout.UNIT_COLUMNS), UNITS_OF_A_BLOCK);
        return (address, firstRow, rows) -> {
            KernelArguments arguments = kernel.arguments()
                    .address(address)
                    .address(matrix.low())
                    .address(matrix.high())
                    .address(matrix.scales())
                    .whole(firstRow)
                    .whole(rows)
                    .whole(matrix.columns());
            kernel.launch(stream, Math.ceilDiv(rows, MatrixLayout.TILE_ROWS), pairs, 1, WARP, 0, arguments);
        };
    }

    private static String name(TensorType type) {
        return "repack_" + type.name().toLowerCase(Locale.ROOT);
    }
}
