package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Event;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;

/// What one step needs on the host from its begin until it is taken: the device reads and writes its buffers when it
/// comes to it. The buffers grow to what the largest step needs.
final class StepSlot {

    private static final long LEAST_BYTES = 64 << 10;

    private final CudaStage stage;
    private final Event over;
    private PinnedBuffer up;
    private PinnedBuffer down;
    private StepInput input = new StepInput(0);
    private long resultBytes;

    StepSlot(CudaStage stage) {
        this.stage = stage;
        over = stage.owners().add(new Event(stage.driver(), false));
        up = stage.owners().add(new PinnedBuffer(stage.driver(), LEAST_BYTES, "packed steps"));
        down = stage.owners().add(new PinnedBuffer(stage.driver(), LEAST_BYTES, "results of steps"));
    }

    /// The step that has it from now on; there is no result so far.
    void take(StepInput next) {
        input = next;
        resultBytes = 0;
    }

    StepInput input() {
        return input;
    }

    /// Room for an upload.
    PinnedBuffer up(long bytes) {
        up = room(up, bytes, "packed steps");
        return up;
    }

    /// Brings the result down behind what is on the stream.
    void copyDown(long from, long bytes) {
        down = room(down, bytes, "results of steps");
        stage.driver().copyToHost(down.address(), from, bytes, stage.stream().handle());
        resultBytes = bytes;
    }

    private PinnedBuffer room(PinnedBuffer now, long bytes, String purpose) {
        if (now.bytes() >= bytes) {
            return now;
        }
        long wanted = Math.max(bytes, Math.min(PinnedBuffer.MOST_BYTES, bytes + bytes / 2));
        PinnedBuffer larger = stage.owners().add(new PinnedBuffer(stage.driver(), wanted, purpose));
        stage.owners().close(now);
        return larger;
    }

    /// Nothing more is put on the stream for the step.
    void end() {
        over.record(stage.stream());
    }

    boolean isOver() {
        return over.isOver();
    }

    void await() {
        over.await();
    }

    /// What came down at its beginning; after [#await].
    MemorySegment result() {
        return down.segment();
    }

    /// How much came down.
    long resultBytes() {
        return resultBytes;
    }
}
