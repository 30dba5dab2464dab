package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/// Products of rows in one form with matrices that take it (`project_quantized.cu`, `project_plain.cu`), as many as a
/// launch takes at once.
final class ProjectLaunch {

    /// Addresses of rounded rows: quants, scales, sums.
    private static final int ROUNDED_ADDRESSES = 3;

    private final StepRows rows;
    private final Stream stream;
    private final ProjectKernel one;
    private final ProjectKernel two;
    private final ProjectKernel four;
    private ProjectKernel chosen;
    private Rows kind = Rows.TOKENS;
    private int matrices;
    private int tileRows;

    ProjectLaunch(CudaKernels kernels, RowForm form, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        one = kernel(kernels, form, 1);
        two = kernel(kernels, form, 2);
        four = kernel(kernels, form, 4);
        chosen = one;
    }

    private ProjectKernel kernel(CudaKernels kernels, RowForm form, int tokens) {
        boolean plain = form == RowForm.PLAIN;
        String file = plain ? "project_plain" : "project_quantized";
        String name = "project_%s_%d".formatted(form.lowerCase(), tokens);
        return new ProjectKernel(kernels.kernel(file, name), tokens, rows.step(), plain ? 1 : ROUNDED_ADDRESSES);
    }

    boolean isEmpty() {
        return matrices == 0;
    }

    boolean isFull() {
        return matrices == ProjectKernel.MOST_MATRICES;
    }

    /// One more for the next launch. All have the same columns, and targets of the same rows.
    void add(CudaMatrix matrix, @Nullable CudaVector bias, CudaBuffer target, boolean adds) {
        if (matrices == 0) {
            kind = target.rows();
            int count = rows.of(kind);
            chosen = count == 1 ? one : count == 2 ? two : four;
        }
        chosen.set(matrices, matrix, bias, target, adds);
        matrices++;
        tileRows += Math.ceilDiv(matrix.rows(), MatrixLayout.TILE_ROWS);
    }

    void launch(CudaBuffer source) {
        chosen.setSource(0, source.address());
        launch();
    }

    void launch(RoundedRows source) {
        chosen.setSource(0, source.quants());
        chosen.setSource(1, source.scales());
        chosen.setSource(2, source.sums());
        launch();
    }

    private void launch() {
        int ready = matrices;
        int readyRows = tileRows;
        clear();
        chosen.launch(stream, ready, readyRows, StepRows.number(kind), rows.of(kind));
    }

    /// Forgets what was added.
    void clear() {
        matrices = 0;
        tileRows = 0;
    }
}
