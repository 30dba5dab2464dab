package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import dev.millrace.worker.step.KvType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What becomes of the heads of queries and keys before attention, and the storing of keys and values (`heads.cu`).
final class HeadsLaunch {

    /// Larger heads are a block's, others a warp's.
    private static final int WIDE_HEAD = 256;

    private static final int THREADS = 256;
    private static final int WARP = 32;
    private static final int MOST_VALUES = 1024;

    private static final int QUERIES = 1;
    private static final int KEYS = 4;
    private static final int VALUES = 7;
    private static final int ANGLES = 8;
    private static final int EPSILON = 11;
    private static final int LAYER = 12;
    private static final int HEAD_SIZE = 13;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;
    private int headSize;
    private int blocks;

    HeadsLaunch(CudaKernels kernels, StepRows rows, Stream stream, KvType type) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("heads", "heads_" + type.name().toLowerCase(Locale.ROOT));
        arguments = kernel.arguments()
                .address(rows.step())
                .address(0)
                .address(0)
                .whole(0)
                .address(0)
                .address(0)
                .whole(0)
                .address(0)
                .address(0)
                .whole(0)
                .whole(0)
                .real(0)
                .address(0)
                .whole(0);
    }

    /// The heads of the next launch; either may be empty. Both turn or none does.
    ///
    /// @param epsilon of the norms
    void set(HeldHeads queries, HeldHeads keys, int headSize, float epsilon) {
        if (headSize > MOST_VALUES) {
            throw new IllegalArgumentException(
                    "a head of %d values; %d is the most on a CUDA device".formatted(headSize, MOST_VALUES));
        }
        this.headSize = headSize;
        blocks = 0;
        set(QUERIES, queries);
        set(KEYS, keys);
        arguments.setReal(EPSILON, epsilon);
        arguments.setWhole(HEAD_SIZE, headSize);
        arguments.setAddress(LAYER, 0);
        turn(null);
    }

    private void set(int first, HeldHeads held) {
        CudaVector norm = held.norm;
        int heads = held.heads.columns() / headSize;
        arguments.setAddress(first, held.heads.address());
        arguments.setAddress(first + 1, norm == null ? 0 : norm.address());
        arguments.setWhole(first + 2, heads);
        blocks += heads;
    }

    /// By the angles of a table, or not at all.
    void turn(@Nullable CudaRopeTable table) {
        arguments.setAddress(ANGLES, table == null ? 0 : table.angles());
        arguments.setWhole(ANGLES + 1, table == null ? 0 : table.size());
        arguments.setWhole(ANGLES + 2, table != null && table.pairs() == RopePairs.HALVES ? 1 : 0);
    }

    /// Keys are stored, with these values.
    void store(CudaKvCache cache, int layer, CudaBuffer values) {
        arguments.setAddress(VALUES, values.address());
        arguments.setAddress(LAYER, cache.layer(layer));
        blocks += cache.kvHeads();
    }

    void launch() {
        int threads = headSize > WIDE_HEAD ? THREADS : WARP;
        kernel.launch(stream, rows.of(Rows.TOKENS), blocks, 1, threads, 0, arguments);
    }
}
