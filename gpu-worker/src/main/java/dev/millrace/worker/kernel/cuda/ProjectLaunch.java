package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.DeviceFacts;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Products of rows in one form with matrices that take it, as many as a launch takes at once. Which kernel it is
/// depends
/// on the number of rows; their bits do not: few rows are read again and again (`project_quantized.cu`,
/// `project_plain.cu`), more go through tensor cores, with weights from global memory (`project_tiles.cu`) or, where
/// there is enough to do, with both in shared memory (`project_panels.cu`).
final class ProjectLaunch {

    /// Rows up to which the kernels are that multiply them all at once, or so many at once.
    private static final int[] TOKENS = {1, 2, 4, 8, 16, 32};

    private static final int[] PLAIN_TOKENS = {1, 2, 4, 8};

    /// Rows from which on panels may be better.
    static final int PANELS_FROM = 65;

    /// Addresses of rounded rows: quants, scales, sums.
    private static final int ROUNDED_ADDRESSES = 3;

    private final StepRows rows;
    private final Stream stream;
    private final ProjectKernel[] kernels;
    private final @Nullable ProjectKernel panels;
    /// Fewer panels would leave processors without any.
    private final int fewestPanels;
    private ProjectKernel chosen;
    private Rows kind = Rows.TOKENS;
    private int matrices;

    ProjectLaunch(CudaKernels kernels, RowForm form, StepRows rows, Stream stream) {
        this.rows = rows;
        this.stream = stream;
        boolean plain = form == RowForm.PLAIN;
        this.kernels = IntStream.of(plain ? PLAIN_TOKENS : TOKENS)
                .mapToObj(plain ? ProjectShape::plain : ProjectShape::quantized)
                .map(shape -> kernel(kernels, form, shape))
                .toArray(ProjectKernel[]::new);
        chosen = this.kernels[0];
        DeviceFacts device = kernels.device();
        ProjectShape shape = ProjectShape.panels();
        panels = plain || device.sharedOptInBytes() < shape.sharedBytes() ? null : kernel(kernels, form, shape);
        fewestPanels = device.processors();
    }

    private ProjectKernel kernel(CudaKernels kernels, RowForm form, ProjectShape shape) {
        return new ProjectKernel(
                kernels.kernel(shape.file(), shape.kernel(form)),
                shape,
                rows.step(),
                form == RowForm.PLAIN ? 1 : ROUNDED_ADDRESSES);
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
            chosen = kernelFor(rows.of(kind));
        }
        chosen.set(matrices, matrix, bias, target, adds);
        if (panels != null && rows.of(kind) >= PANELS_FROM) {
            panels.set(matrices, matrix, bias, target, adds);
        }
        matrices++;
    }

    /// With the fewest tokens that are enough, or the most that there are.
    private ProjectKernel kernelFor(int count) {
        for (ProjectKernel kernel : kernels) {
            if (kernel.tokens() >= count) {
                return kernel;
            }
        }
        return kernels[kernels.length - 1];
    }

    void launch(CudaBuffer source) {
        chosen.setSource(0, source.address());
        launch();
    }

    void launch(RoundedRows source) {
        int count = rows.of(kind);
        if (panels != null && count >= PANELS_FROM && panels.blocks(count) >= fewestPanels) {
            chosen = panels;
        }
        chosen.setSource(0, source.quants());
        chosen.setSource(1, source.scales());
        chosen.setSource(2, source.sums());
        launch();
    }

    private void launch() {
        int ready = matrices;
        clear();
        chosen.launch(stream, ready, StepRows.number(kind), rows.of(kind));
    }

    /// Forgets what was added.
    void clear() {
        matrices = 0;
    }
}
