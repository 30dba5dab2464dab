package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Gate;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/// Products of a step's rows with matrices. Rows are rounded once for all matrices that share them, in each form that
/// one of these takes; matrices that take the same form are multiplied in one launch.
final class CudaProducts {

    private static final RowForm[] FORMS = RowForm.values();

    private final ProductRoom room;
    private final RoundLaunch round;
    private final GateLaunch gate;
    private final ProjectLaunch[] project = new ProjectLaunch[FORMS.length];
    private CudaBuffer gates;
    private CudaBuffer ups;
    private CudaBuffer source;
    private boolean inBlocks;
    private boolean inSuperblocks;

    /// Loads all kernels that it may need.
    ///
    /// @param rows of the steps to come
    CudaProducts(CudaKernels kernels, Stream stream, StepRows rows, ProductRoom room) {
        this.room = room;
        gates = new CudaBuffer(Rows.TOKENS, 0, room.gates());
        ups = new CudaBuffer(Rows.TOKENS, 0, room.ups());
        source = gates;
        round = new RoundLaunch(kernels, rows, stream);
        gate = new GateLaunch(kernels, rows, stream);
        for (RowForm form : FORMS) {
            project[form.ordinal()] = new ProjectLaunch(kernels, form, rows, stream);
        }
    }

    /// As `Operations.project`.
    void project(DeviceBuffer source, Projection[] projections) {
        take((CudaBuffer) source);
        for (Projection projection : projections) {
            add(projection);
        }
        multiply();
    }

    /// As `Operations.feedForward`.
    void feedForward(DeviceBuffer source, Gate work, Projection down) {
        makeRoom(source.rows(), work.gate().rows());
        take((CudaBuffer) source);
        add(work.gate(), work.gateBias(), gates, false);
        add(work.up(), work.upBias(), ups, false);
        multiply();
        gate.launch(gates, ups);
        take(gates);
        add(down);
        multiply();
    }

    /// The same buffers again and again: a step allocates nothing.
    private void makeRoom(Rows rows, int columns) {
        if (gates.rows() != rows || gates.columns() != columns) {
            gates = new CudaBuffer(rows, columns, room.gates());
            ups = new CudaBuffer(rows, columns, room.ups());
        }
    }

    /// What is multiplied from now on, not rounded yet.
    private void take(CudaBuffer rows) {
        source = rows;
        inBlocks = false;
        inSuperblocks = false;
        for (ProjectLaunch launch : project) {
            launch.clear();
        }
    }

    private void add(Projection projection) {
        add(projection.matrix(), projection.bias(), projection.target(), projection.adds());
    }

    private void add(Matrix matrix, @Nullable DeviceVector bias, DeviceBuffer target, boolean adds) {
        RowForm form = RowForm.of(((CudaMatrix) matrix).type());
        ProjectLaunch launch = project[form.ordinal()];
        if (launch.isFull()) {
            multiply(form);
        }
        launch.add((CudaMatrix) matrix, (CudaVector) bias, (CudaBuffer) target, adds);
    }

    /// What was added and is not multiplied yet.
    private void multiply() {
        for (RowForm form : FORMS) {
            if (!project[form.ordinal()].isEmpty()) {
                multiply(form);
            }
        }
    }

    private void multiply(RowForm form) {
        ProjectLaunch launch = project[form.ordinal()];
        switch (form) {
            case PLAIN -> launch.launch(source);
            case BLOCKS -> {
                if (!inBlocks) {
                    round.launch(source, room.blocks());
                    inBlocks = true;
                }
                launch.launch(room.blocks());
            }
            case SUPERBLOCKS -> {
                if (!inSuperblocks) {
                    round.launch(source, room.superblocks());
                    inSuperblocks = true;
                }
                launch.launch(room.superblocks());
            }
        }
    }
}
