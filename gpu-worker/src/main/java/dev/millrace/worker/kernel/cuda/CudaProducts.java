package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Gate;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Products of a step's rows with matrices. Rows are rounded once for all matrices that share them, in each form that
/// one of these takes.
final class CudaProducts {

    private static final int SUPERBLOCK_COLUMNS = 256;

    private final ProductRoom room;
    private final RoundLaunch round;
    private final GateLaunch gate;
    private final Map<TensorType, ProjectLaunch> project = new EnumMap<>(TensorType.class);
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
        for (TensorType type : TensorType.values()) {
            project.put(type, new ProjectLaunch(kernels, type, rows, stream));
        }
    }

    /// As `Operations.project`.
    void project(DeviceBuffer source, Projection[] projections) {
        take((CudaBuffer) source);
        for (Projection projection : projections) {
            multiply(projection);
        }
    }

    /// As `Operations.feedForward`.
    void feedForward(DeviceBuffer source, Gate work, Projection down) {
        makeRoom(source.rows(), work.gate().rows());
        take((CudaBuffer) source);
        multiply(work.gate(), work.gateBias(), gates, false);
        multiply(work.up(), work.upBias(), ups, false);
        gate.launch(gates, ups);
        take(gates);
        multiply(down);
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
    }

    private void multiply(Projection projection) {
        multiply(projection.matrix(), projection.bias(), projection.target(), projection.adds());
    }

    private void multiply(Matrix weights, @Nullable DeviceVector bias, DeviceBuffer target, boolean adds) {
        CudaMatrix matrix = (CudaMatrix) weights;
        ProjectLaunch launch = project.get(matrix.type());
        if (launch == null) {
            throw new IllegalStateException("no products with " + matrix.type());
        }
        if (ProjectLaunch.isPlain(matrix.type())) {
            launch.launch(source, matrix, (CudaVector) bias, (CudaBuffer) target, adds);
        } else {
            launch.launch(rounded(matrix.type()), matrix, (CudaVector) bias, (CudaBuffer) target, adds);
        }
    }

    /// The source in the form that matrices of a type take.
    private RoundedRows rounded(TensorType type) {
        if (type.blockElements() == SUPERBLOCK_COLUMNS) {
            if (!inSuperblocks) {
                round.launch(source, room.superblocks());
                inSuperblocks = true;
            }
            return room.superblocks();
        }
        if (!inBlocks) {
            round.launch(source, room.blocks());
            inBlocks = true;
        }
        return room.blocks();
    }
}
