package dev.millrace.worker.ring;

import dev.millrace.worker.step.Activations;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// One slot of a mapped ring.
///
/// @param rows of the step that has it
record Slot(MemorySegment memory, long releasedAt, Activations rows) {

    private static final VarHandle STEP = ValueLayout.JAVA_LONG.varHandle();

    static Slot[] of(MemorySegment memory, RingShape shape) {
        Slot[] slots = new Slot[shape.slots()];
        for (int i = 0; i < slots.length; i++) {
            MemorySegment rows = memory.asSlice(shape.rowsAt(i), shape.slotBytes());
            slots[i] = new Slot(memory, shape.releasedAt(i), new Activations(rows, shape.hiddenSize()));
        }
        return slots;
    }

    /// The step whose rows were read here last; 0 before the first.
    long released() {
        return (long) STEP.getAcquire(memory, releasedAt);
    }

    /// The rows of that step were read.
    void release(long step) {
        STEP.setRelease(memory, releasedAt, step);
    }
}
