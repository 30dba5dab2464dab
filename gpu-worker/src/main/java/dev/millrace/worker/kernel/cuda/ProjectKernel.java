package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/// A kernel that multiplies some tokens at once with up to [#MOST_MATRICES] matrices (`matrices.cuh`), and its
/// arguments.
final class ProjectKernel {

    static final int MOST_MATRICES = 3;

    private static final int ARGUMENTS_OF_A_MATRIX = 8;
    private static final int TYPE = 5;
    private static final int ROWS = 6;
    private static final int ADDS = 7;

    private final Kernel kernel;
    private final ProjectShape shape;
    private final KernelArguments arguments;
    /// Where the columns are; before them is what the rows are, behind them are the matrices.
    private final int columns;
    /// Of the matrices that are set.
    private int blocks;

    /// @param rows addresses that say where the rows are
    ProjectKernel(Kernel kernel, ProjectShape shape, long step, int rows) {
        this.kernel = kernel;
        this.shape = shape;
        if (shape.sharedBytes() > 0) {
            kernel.allowShared(shape.sharedBytes());
        }
        columns = 2 + rows;
        arguments = kernel.arguments().address(step).whole(0);
        for (int i = 0; i < rows; i++) {
            arguments.address(0);
        }
        arguments.whole(0);
        for (int matrix = 0; matrix < MOST_MATRICES; matrix++) {
            for (int i = 0; i < TYPE; i++) {
                arguments.address(0);
            }
            arguments.whole(0).whole(0).whole(0);
        }
    }

    /// Address `index` of the rows.
    void setSource(int index, long address) {
        arguments.setAddress(2 + index, address);
    }

    int tokens() {
        return shape.tokens();
    }

    /// Blocks that a launch for so many rows has.
    long blocks(int rows) {
        return (long) blocks * Math.ceilDiv(rows, shape.tokens());
    }

    /// The matrices of a launch are set in their order.
    void set(int index, CudaMatrix matrix, @Nullable CudaVector bias, CudaBuffer target, boolean adds) {
        int at = columns + 1 + ARGUMENTS_OF_A_MATRIX * index;
        blocks = (index == 0 ? 0 : blocks) + shape.blocks(matrix.rows());
        arguments.setAddress(at, matrix.low());
        arguments.setAddress(at + 1, matrix.high());
        arguments.setAddress(at + 2, matrix.scales());
        arguments.setAddress(at + 3, bias == null ? 0 : bias.address());
        arguments.setAddress(at + 4, target.address());
        arguments.setWhole(at + TYPE, matrix.type().id());
        arguments.setWhole(at + ROWS, matrix.rows());
        arguments.setWhole(at + ADDS, adds ? 1 : 0);
        arguments.setWhole(columns, matrix.columns());
    }

    /// @param matrices that are set
    /// @param kind of the rows
    /// @param rows of the launch
    void launch(Stream stream, int matrices, int kind, int rows) {
        arguments.setWhole(1, kind);
        for (int missing = matrices; missing < MOST_MATRICES; missing++) {
            arguments.setWhole(columns + 1 + ARGUMENTS_OF_A_MATRIX * missing + ROWS, 0);
        }
        int times = Math.ceilDiv(rows, shape.tokens());
        boolean side = shape.hasWeightsSideBySide();
        kernel.launch(
                stream,
                side ? times : blocks,
                side ? blocks : times,
                1,
                shape.threads(),
                shape.sharedBytes(),
                arguments);
    }
}
