package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Context;
import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import dev.millrace.worker.kernel.cuda.driver.Owners;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Single launches on the fake driver, with a step and buffers that a test fills and reads.
final class KernelRig implements AutoCloseable {

    private static final long BYTES = 8 << 20;

    private final Owners owners = new Owners();
    private final JcudaDriver driver;
    private final PinnedBuffer pinned;
    private final CudaStage stage;
    final CudaMemory memory;
    final StepRows rows;
    private int tokens;
    private int samples;

    /// Or the test is skipped.
    KernelRig(StepLimits limits) {
        FakeDriver.start(1);
        driver = JcudaDriver.open();
        owners.add(new Context(driver, 0));
        pinned = owners.add(new PinnedBuffer(driver, BYTES, "tests"));
        stage = CudaStage.open(driver);
        memory = CudaMemory.allocate(limits, stage, CudaSettings.plain());
        rows = new StepRows(
                stage.owners().add(new DeviceArray(driver, BYTES, "steps")).address());
    }

    CudaStage stage() {
        return stage;
    }

    /// @param spare rows that launches have beside those of the step
    /// @param behind rows that are uploaded behind the step
    void begin(StepInput step, int spare, float... behind) {
        MemorySegment words = step.bytes();
        long start = RowsLaunch.rowsBehind(words.byteSize());
        MemorySegment.copy(words, 0, pinned.segment(), 0, words.byteSize());
        MemorySegment.copy(behind, 0, pinned.segment(), ValueLayout.JAVA_FLOAT, start, behind.length);
        driver.copyToDevice(
                rows.step(),
                pinned.address(),
                start + 4L * behind.length,
                stage.stream().handle());
        stage.stream().synchronize();
        tokens = step.tokenCount();
        samples = step.sampleCount();
        rows.set(tokens + spare, samples + spare);
    }

    private int count(CudaBuffer buffer) {
        return buffer.rows() == Rows.TOKENS ? tokens : samples;
    }

    void fill(CudaBuffer buffer, float[] values) {
        MemorySegment.copy(values, 0, pinned.segment(), ValueLayout.JAVA_FLOAT, 0, values.length);
        driver.copyToDevice(
                buffer.address(),
                pinned.address(),
                4L * values.length,
                stage.stream().handle());
        stage.stream().synchronize();
    }

    float[] read(CudaBuffer buffer) {
        long bytes = 4L * count(buffer) * buffer.columns();
        driver.copyToHost(
                pinned.address(), buffer.address(), bytes, stage.stream().handle());
        stage.stream().synchronize();
        return pinned.segment().asSlice(0, bytes).toArray(ValueLayout.JAVA_FLOAT);
    }

    @Override
    public void close() {
        memory.close();
        owners.close();
    }
}
