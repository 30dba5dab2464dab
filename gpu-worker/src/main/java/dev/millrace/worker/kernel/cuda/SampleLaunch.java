package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// From logits to ids, on the device (`sample.cu`).
final class SampleLaunch {

    private static final int THREADS = 1024;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel kernel;
    private final KernelArguments arguments;

    SampleLaunch(CudaKernels kernels, StepRows rows, Stream stream, SampleRoom room, int vocabulary) {
        this.rows = rows;
        this.stream = stream;
        kernel = kernels.kernel("sample", "sample");
        arguments = kernel.arguments()
                .address(rows.step())
                .address(0)
                .address(room.adjusted())
                .address(room.ids())
                .address(room.results())
                .whole(vocabulary);
    }

    void launch(CudaBuffer logits) {
        arguments.setAddress(1, logits.address());
        kernel.launch(stream, rows.of(Rows.SAMPLES), 1, 1, THREADS, 0, arguments);
    }
}
