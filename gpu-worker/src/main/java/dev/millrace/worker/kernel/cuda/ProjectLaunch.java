package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Products with matrices of one type: of rounded rows where it has blocks (`project_quantized.cu`), of rows as they
/// are where not (`project_plain.cu`).
final class ProjectLaunch {

    private static final int THREADS = 256;
    private static final int TILE_TOKENS = 4;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;
    /// Arguments before those of the matrix.
    private final int inputs;

    ProjectLaunch(CudaKernels kernels, TensorType type, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        String name = type.name().toLowerCase(Locale.ROOT);
        boolean plain = isPlain(type);
        kernel = plain
                ? kernels.kernel("project_plain", "project_plain_" + name)
                : kernels.kernel("project_quantized", "project_" + name);
        inputs = plain ? 3 : 5;
        arguments = kernel.arguments().address(rows.step()).whole(0);
        for (int i = 2; i < inputs + 5; i++) {
            arguments.address(0);
        }
        arguments.whole(0).whole(0).whole(0);
    }

    /// Whether its matrices are multiplied with rows that are not rounded.
    static boolean isPlain(TensorType type) {
        return type.blockElements() == 1;
    }

    void launch(CudaBuffer source, CudaMatrix matrix, @Nullable CudaVector bias, CudaBuffer target, boolean adds) {
        arguments.setAddress(2, source.address());
        launch(matrix, bias, target, adds);
    }

    void launch(RoundedRows source, CudaMatrix matrix, @Nullable CudaVector bias, CudaBuffer target, boolean adds) {
        arguments.setAddress(2, source.quants());
        arguments.setAddress(3, source.scales());
        arguments.setAddress(4, source.sums());
        launch(matrix, bias, target, adds);
    }

    private void launch(CudaMatrix matrix, @Nullable CudaVector bias, CudaBuffer target, boolean adds) {
        arguments.setWhole(1, StepRows.number(target.rows()));
        arguments.setAddress(inputs, matrix.low());
        arguments.setAddress(inputs + 1, matrix.high());
        arguments.setAddress(inputs + 2, matrix.scales());
        arguments.setAddress(inputs + 3, bias == null ? 0 : bias.address());
        arguments.setAddress(inputs + 4, target.address());
        arguments.setWhole(inputs + 5, matrix.rows());
        arguments.setWhole(inputs + 6, matrix.columns());
        arguments.setWhole(inputs + 7, adds ? 1 : 0);
        int tokens = Math.ceilDiv(rows.of(target.rows()), TILE_TOKENS);
        kernel.launch(stream, Math.ceilDiv(matrix.rows(), MatrixLayout.TILE_ROWS), tokens, 1, THREADS, 0, arguments);
    }
}
