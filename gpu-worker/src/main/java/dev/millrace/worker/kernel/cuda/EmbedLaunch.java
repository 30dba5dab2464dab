package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.util.Locale;

/// Takes the rows of a step's token ids from tables of one type (`embed.cu`).
final class EmbedLaunch {

    private static final int THREADS = 256;
    private static final int COLUMNS_OF_A_BLOCK = 1024;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;

    /// @param ids where sampled ids are by place, for tokens whose id names such a place
    EmbedLaunch(CudaKernels kernels, TensorType type, StepRows rows, Stream stream, long ids) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("embed", "embed_" + type.name().toLowerCase(Locale.ROOT));
        arguments = kernel.arguments()
                .address(rows.step())
                .address(0)
                .address(0)
                .address(0)
                .address(ids)
                .address(0)
                .whole(0)
                .whole(0);
    }

    void launch(CudaMatrix table, CudaBuffer target) {
        arguments.setAddress(1, table.low());
        arguments.setAddress(2, table.high());
        arguments.setAddress(3, table.scales());
        arguments.setAddress(5, target.address());
        arguments.setWhole(6, table.rows());
        arguments.setWhole(7, table.columns());
        int blocks = Math.ceilDiv(table.columns(), COLUMNS_OF_A_BLOCK);
        kernel.launch(stream, rows.of(Rows.TOKENS), blocks, 1, THREADS, 0, arguments);
    }
}
