package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.kernel.cuda.driver.Event;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import java.util.ArrayList;
import java.util.List;

/// What copies between pinned memory and the device cost, from the 8 bytes of a token to a buffer of weights.
final class CopyMeter {

    private static final long[] SIZES = {8, 64, 512, 4 << 10, 32 << 10, 256 << 10, 2 << 20, 16 << 20, 64 << 20};
    private static final long MOST_BYTES = 64 << 20;
    private static final long RUN_BYTES = 4 * MOST_BYTES;
    private static final int MOST_COPIES = 64;
    private static final int RUNS = 9;

    private final CudaStage stage;

    private interface Copy {
        void put(long bytes);
    }

    CopyMeter(CudaStage stage) {
        this.stage = stage;
    }

    List<CudaFigures.Copy> measure() {
        try (PinnedBuffer pinned = new PinnedBuffer(stage.driver(), MOST_BYTES, "measuring");
                DeviceArray memory = new DeviceArray(stage.driver(), MOST_BYTES, "measuring");
                Event start = new Event(stage.driver(), true);
                Event end = new Event(stage.driver(), true)) {
            long stream = stage.stream().handle();
            Copy up = bytes -> stage.driver().copyToDevice(memory.address(), pinned.address(), bytes, stream);
            Copy down = bytes -> stage.driver().copyToHost(pinned.address(), memory.address(), bytes, stream);
            List<CudaFigures.Copy> copies = new ArrayList<>();
            for (long bytes : SIZES) {
                copies.add(new CudaFigures.Copy(
                        bytes,
                        micros(up, bytes, end),
                        micros(down, bytes, end),
                        bytesPerSecond(up, bytes, start, end),
                        bytesPerSecond(down, bytes, start, end)));
            }
            return copies;
        }
    }

    private double micros(Copy copy, long bytes, Event end) {
        double[] micros = new double[RUNS];
        for (int run = -1; run < RUNS; run++) {
            long start = System.nanoTime();
            copy.put(bytes);
            end.record(stage.stream());
            end.await();
            if (run >= 0) {
                micros[run] = (System.nanoTime() - start) / 1e3;
            }
        }
        return Medians.of(micros);
    }

    private double bytesPerSecond(Copy copy, long bytes, Event start, Event end) {
        int count = (int) Math.min(MOST_COPIES, RUN_BYTES / bytes);
        start.record(stage.stream());
        for (int i = 0; i < count; i++) {
            copy.put(bytes);
        }
        end.record(stage.stream());
        end.await();
        return count * bytes / (end.millisSince(start) / 1e3);
    }
}
