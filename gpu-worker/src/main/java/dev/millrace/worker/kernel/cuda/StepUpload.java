package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Brings packed steps to the place on the device where all kernels read them, each by one copy, with the rows of the
/// stage before behind it.
final class StepUpload {

    private final CudaStage stage;
    private final long address;
    private final long bytes;
    private final StepLedger ledger;

    StepUpload(CudaStage stage, long address, long bytes, StepLedger ledger) {
        this.stage = stage;
        this.address = address;
        this.bytes = bytes;
        this.ledger = ledger;
    }

    /// What the largest step takes.
    ///
    /// @param columns of the rows of a stage before
    static long bytes(StepLimits limits, int columns) {
        long words = StepInput.mostWords(limits);
        return RowsLaunch.rowsBehind(Integer.BYTES * words) + (long) Float.BYTES * limits.maxTokens() * columns;
    }

    /// Brings the step's rows to behind its words, from a slot of this device.
    void bring(CudaRowSlot slot, StepInput input, int columns) {
        long behind = RowsLaunch.rowsBehind(input.bytes().byteSize());
        long count = (long) Float.BYTES * input.tokenCount() * columns;
        if (behind + count > bytes) {
            throw new IllegalArgumentException(
                    "a step of %d bytes, and there is room for %d".formatted(behind + count, bytes));
        }
        slot.read(address + behind, count);
    }

    /// @param rows without gaps, where there is a stage before
    void put(StepSlot slot, StepInput input, @Nullable MemorySegment rows) {
        long behind = RowsLaunch.rowsBehind(input.byteSize());
        long all = rows == null ? input.byteSize() : behind + rows.byteSize();
        if (all > bytes) {
            throw new IllegalArgumentException("a step of %d bytes, and there is room for %d".formatted(all, bytes));
        }
        PinnedBuffer pinned = slot.up(all);
        input.copyTo(pinned.segment());
        if (rows != null) {
            MemorySegment.copy(rows, 0, pinned.segment(), behind, rows.byteSize());
        }
        stage.driver()
                .copyToDevice(address, pinned.address(), all, stage.stream().handle());
        ledger.transfer(Direction.UPLOAD, all);
    }
}
