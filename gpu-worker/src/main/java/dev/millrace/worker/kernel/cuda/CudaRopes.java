package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.util.List;

/// The angles of rotary positions by the tables of a stage, worked out once a step, when a table is first used.
final class CudaRopes {

    private final List<CudaRopeTable> tables;
    private final AnglesLaunch[] launches;
    private final boolean[] filled;

    CudaRopes(CudaKernels kernels, StepRows rows, Stream stream, List<CudaRopeTable> tables) {
        this.tables = List.copyOf(tables);
        filled = new boolean[tables.size()];
        launches = new AnglesLaunch[tables.size()];
        for (int i = 0; i < launches.length; i++) {
            launches[i] = new AnglesLaunch(kernels, rows, stream, tables.get(i));
        }
    }

    /// A step has begun.
    void begin() {
        for (int i = 0; i < filled.length; i++) {
            filled[i] = false;
        }
    }

    /// The table has the step's angles from now on.
    void fill(CudaRopeTable table) {
        int index = tables.indexOf(table);
        if (!filled[index]) {
            launches[index].launch();
            filled[index] = true;
        }
    }
}
