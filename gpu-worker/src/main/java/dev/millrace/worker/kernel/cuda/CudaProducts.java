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
/// one of these takes, by the kernel that makes them where that is possible; matrices that take the same form are
/// multiplied in one launch.
final class CudaProducts implements Held {

    private static final RowForm[] FORMS = RowForm.values();
    private static final int BLOCKS = 1;
    private static final int SUPERBLOCKS = 2;

    private final ProductRoom room;
    private final RoundLaunch round;
    private final GateLaunch gate;
    private final ProjectLaunch[] project = new ProjectLaunch[FORMS.length];
    private CudaBuffer gates;
    private CudaBuffer ups;
    /// By wanted forms: [#BLOCKS], [#SUPERBLOCKS] or both.
    private final RoundingTargets[] targets;

    private CudaBuffer source;
    private int wanted;
    private @Nullable RowsMaker held;

    /// Loads all kernels that it may need.
    ///
    /// @param rows of the steps to come
    CudaProducts(CudaKernels kernels, Stream stream, StepRows rows, ProductRoom room) {
        this.room = room;
        gates = new CudaBuffer(Rows.TOKENS, 0, room.gates());
        ups = new CudaBuffer(Rows.TOKENS, 0, room.ups());
        source = gates;
        targets = new RoundingTargets[] {
            RoundingTargets.NONE,
            new RoundingTargets(room.blocks(), RoundedRows.NONE),
            new RoundingTargets(RoundedRows.NONE, room.superblocks()),
            new RoundingTargets(room.blocks(), room.superblocks())
        };
        round = new RoundLaunch(kernels, rows, stream);
        gate = new GateLaunch(kernels, rows, stream);
        for (RowForm form : FORMS) {
            project[form.ordinal()] = new ProjectLaunch(kernels, form, rows, stream);
        }
    }

    /// Makes rows as soon as it is known whether they are multiplied next. Nothing else is held back then.
    void hold(RowsMaker maker) {
        held = maker;
    }

    @Override
    public void settle() {
        RowsMaker last = held;
        if (last != null) {
            held = null;
            last.launch(RoundingTargets.NONE);
        }
    }

    @Override
    public void forget() {
        held = null;
    }

    /// As `Operations.project`.
    void project(DeviceBuffer source, Projection[] projections) {
        begin();
        for (Projection projection : projections) {
            want(projection.matrix());
        }
        bring((CudaBuffer) source);
        for (Projection projection : projections) {
            add(projection);
        }
        multiply();
    }

    /// As `Operations.feedForward`.
    void feedForward(DeviceBuffer source, Gate work, Projection down) {
        makeRoom(source.rows(), work.gate().rows());
        begin();
        want(work.gate());
        want(work.up());
        bring((CudaBuffer) source);
        add(work.gate(), work.gateBias(), gates, false);
        add(work.up(), work.upBias(), ups, false);
        multiply();
        begin();
        want(down.matrix());
        gate.launch(gates, ups, targets[wanted]);
        this.source = gates;
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

    private void begin() {
        wanted = 0;
        for (ProjectLaunch launch : project) {
            launch.clear();
        }
    }

    private void want(Matrix matrix) {
        wanted |= switch (RowForm.of(((CudaMatrix) matrix).type())) {
            case PLAIN -> 0;
            case BLOCKS -> BLOCKS;
            case SUPERBLOCKS -> SUPERBLOCKS;
        };
    }

    /// These rows are multiplied from now on: brings them into the forms that are wanted.
    private void bring(CudaBuffer rows) {
        source = rows;
        RowsMaker last = held;
        if (last != null && last.target().equals(rows)) {
            held = null;
            last.launch(targets[wanted]);
            return;
        }
        settle();
        if (wanted != 0) {
            round.launch(rows, targets[wanted]);
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
            case BLOCKS -> launch.launch(room.blocks());
            case SUPERBLOCKS -> launch.launch(room.superblocks());
        }
    }
}
