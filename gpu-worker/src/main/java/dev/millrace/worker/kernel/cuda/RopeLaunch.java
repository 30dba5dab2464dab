package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Turns heads by the positions of their tokens (`rope.cu`).
final class RopeLaunch {

    private static final int ANGLE_THREADS = 128;
    private static final int THREADS = 64;

    private final StepRows rows;
    private final Stream stream;
    private final CudaRopeTable table;
    private final Kernel angles;
    private final Kernel turn;
    private final KernelArguments filling;
    private final KernelArguments turning;

    RopeLaunch(CudaKernels kernels, StepRows rows, Stream stream, CudaRopeTable table) {
        this.rows = rows;
        this.stream = stream;
        this.table = table;
        angles = kernels.kernel("rope", "rope_angles");
        turn = kernels.kernel("rope", "rope");
        filling = angles.arguments()
                .address(rows.step())
                .address(table.radians())
                .real(table.magnitude())
                .address(table.angles())
                .whole(table.size());
        turning = turn.arguments()
                .address(rows.step())
                .address(0)
                .address(table.angles())
                .whole(0)
                .whole(0)
                .whole(table.size())
                .whole(table.pairs() == RopePairs.HALVES ? 1 : 0);
    }

    /// Works out the angles of the step, once before the first [#launch] of it.
    void fill() {
        angles.launch(stream, rows.of(Rows.TOKENS), 1, 1, ANGLE_THREADS, 0, filling);
    }

    void launch(CudaBuffer heads, int headSize) {
        turning.setAddress(1, heads.address());
        turning.setWhole(3, heads.columns());
        turning.setWhole(4, headSize);
        turn.launch(stream, rows.of(Rows.TOKENS), heads.columns() / headSize, 1, THREADS, 0, turning);
    }
}
