package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Context;
import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Module;
import dev.millrace.worker.kernel.cuda.driver.Owners;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;

/// One row of 64 values and a kernel over it, for tests of what surrounds kernels.
final class RmsNormRig implements AutoCloseable {

    static final int COLUMNS = 64;
    static final int ROW_BYTES = 4 * COLUMNS;

    private static final int HEADER_BYTES = 48;
    private static final int TOKENS_WORD = 6;

    final Owners owners = new Owners();
    final JcudaDriver driver;
    final Stream stream;
    final PinnedBuffer pinned;
    final DeviceArray row;

    private final DeviceArray step;
    private final Kernel norm;

    RmsNormRig() throws IOException {
        driver = JcudaDriver.open();
        owners.add(new Context(driver, 0));
        stream = owners.add(new Stream(driver));
        pinned = owners.add(new PinnedBuffer(driver, ROW_BYTES, "a row"));
        row = owners.add(new DeviceArray(driver, ROW_BYTES, "a row"));
        step = owners.add(new DeviceArray(driver, HEADER_BYTES, "a step"));
        norm = owners.add(new Module(driver, "rms_norm", CudaSources.ptx("rms_norm")))
                .kernel("rms_norm");
        driver.fillWords(step.address() + 4 * TOKENS_WORD, 1, 1, stream.handle());
        driver.fillWords(row.address(), Float.floatToRawIntBits(3), COLUMNS, stream.handle());
        stream.synchronize();
    }

    /// The row by its length, times itself: threes become threes.
    void launch(DeviceArray target, int threads) {
        KernelArguments arguments = RoundingTargets.add(norm.arguments()
                .address(step.address())
                .whole(0)
                .address(row.address())
                .address(row.address())
                .real(0)
                .address(target.address())
                .whole(COLUMNS));
        norm.launch(stream, 1, 1, 1, threads, 0, arguments);
    }

    void fill(float value) {
        driver.fillWords(row.address(), Float.floatToRawIntBits(value), COLUMNS, stream.handle());
    }

    void copyToHost() {
        driver.copyToHost(pinned.address(), row.address(), ROW_BYTES, stream.handle());
    }

    float host(int index) {
        return pinned.segment().getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    @Override
    public void close() {
        owners.close();
    }
}
