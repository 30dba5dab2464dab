package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// From logits to ids, on the device (`sample_list.cu`, `sample_prepare.cu`, `sample_choose.cu`).
final class SampleLaunch {

    private static final int THREADS = 1024;

    private final StepRows rows;
    private final Stream stream;
    private final Kernel list;
    private final Kernel prepare;
    private final Kernel choose;
    private final KernelArguments listing;
    private final KernelArguments preparing;
    private final KernelArguments choosing;

    SampleLaunch(CudaKernels kernels, StepRows rows, Stream stream, SampleRoom room, int vocabulary) {
        this.rows = rows;
        this.stream = stream;
        list = kernels.kernel("sample_list", "sample_list");
        prepare = kernels.kernel("sample_prepare", "sample_prepare");
        choose = kernels.kernel("sample_choose", "sample_choose");
        listing = list.arguments()
                .address(rows.step())
                .address(0)
                .address(room.results())
                .whole(vocabulary);
        preparing = prepare.arguments()
                .address(rows.step())
                .address(0)
                .address(room.adjusted())
                .address(room.ids())
                .whole(vocabulary);
        choosing = choose.arguments()
                .address(rows.step())
                .address(0)
                .address(room.adjusted())
                .address(room.ids())
                .address(room.results())
                .whole(vocabulary);
    }

    /// Whoever asks for nothing costs an empty block in the first two.
    void launch(CudaBuffer logits) {
        int samples = rows.of(Rows.SAMPLES);
        listing.setAddress(1, logits.address());
        preparing.setAddress(1, logits.address());
        choosing.setAddress(1, logits.address());
        list.launch(stream, samples, 1, 1, THREADS, 0, listing);
        prepare.launch(stream, samples, 1, 1, THREADS, 0, preparing);
        choose.launch(stream, samples, 1, 1, THREADS, 0, choosing);
    }
}
