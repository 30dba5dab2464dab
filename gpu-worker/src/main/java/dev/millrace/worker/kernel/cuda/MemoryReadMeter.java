package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.kernel.cuda.driver.Event;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import java.lang.foreign.ValueLayout;

/// How fast a device reads its memory from front to back (`measure.cu`).
final class MemoryReadMeter {

    private static final int THREADS = 256;
    private static final int LOAD_BYTES = 16;
    private static final int WORD = 0x01234567;
    private static final int RUNS = 8;
    /// What suits a device best differs.
    private static final int[] BLOCKS_OF_A_PROCESSOR = {2, 4, 8, 16};

    private final CudaStage stage;
    private final int processors;
    private final long bytes;
    private final Kernel kernel;

    /// @param wanted bytes to read, of which at most half of what is free is taken
    MemoryReadMeter(CudaStage stage, int processors, long wanted) {
        this.stage = stage;
        this.processors = processors;
        long most = Math.min(wanted, stage.driver().memory().freeBytes() / 2);
        bytes = Math.max(1, most / LOAD_BYTES) * LOAD_BYTES;
        kernel = stage.kernels().kernel("measure", "read_memory");
    }

    /// What is read at once.
    long bytes() {
        return bytes;
    }

    /// Of the fastest run: what disturbs a run is not the memory.
    double bytesPerSecond() {
        long sums = 4L * THREADS * processors * BLOCKS_OF_A_PROCESSOR[BLOCKS_OF_A_PROCESSOR.length - 1];
        try (DeviceArray memory = new DeviceArray(stage.driver(), bytes, "measuring");
                DeviceArray target = new DeviceArray(stage.driver(), sums, "measuring");
                PinnedBuffer pinned = new PinnedBuffer(stage.driver(), sums, "measuring")) {
            stage.driver()
                    .fillWords(memory.address(), WORD, bytes / 4, stage.stream().handle());
            float least = Float.MAX_VALUE;
            for (int blocks : BLOCKS_OF_A_PROCESSOR) {
                least = Math.min(least, leastMillis(memory, target, blocks * processors));
                check(target, pinned, blocks * processors);
            }
            return bytes / (least / 1e3);
        }
    }

    private float leastMillis(DeviceArray memory, DeviceArray target, int blocks) {
        KernelArguments arguments = kernel.arguments()
                .address(memory.address())
                .address(bytes / LOAD_BYTES)
                .address(target.address());
        float least = Float.MAX_VALUE;
        try (Event start = new Event(stage.driver(), true);
                Event end = new Event(stage.driver(), true)) {
            for (int run = -1; run < RUNS; run++) {
                start.record(stage.stream());
                kernel.launch(stage.stream(), blocks, 1, 1, THREADS, 0, arguments);
                end.record(stage.stream());
                end.await();
                least = run < 0 ? least : Math.min(least, end.millisSince(start));
            }
        }
        return least;
    }

    /// Whether everything was read that was said to be.
    private void check(DeviceArray target, PinnedBuffer pinned, int blocks) {
        int count = blocks * THREADS;
        stage.driver()
                .copyToHost(
                        pinned.address(),
                        target.address(),
                        4L * count,
                        stage.stream().handle());
        stage.stream().synchronize();
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += pinned.segment().getAtIndex(ValueLayout.JAVA_INT, i);
        }
        if (sum != (int) (bytes / 4) * WORD) {
            throw new IllegalStateException(
                    "the device read %d bytes and found other sums than were there".formatted(bytes));
        }
    }
}
