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

    /// Biases of a sample that there is room for.
    private static final int BIASES = 1024;

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
        long sequences = limits.maxSequences();
        long penalties = Math.min(limits.contextLength(), limits.vocabularySize());
        long words = StepInput.mostWords(limits.maxTokens(), limits.maxSequences(), limits.contextLength())
                + 2 * sequences * (penalties + BIASES);
        return RowsLaunch.rowsBehind(Integer.BYTES * words) + (long) Float.BYTES * limits.maxTokens() * columns;
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
