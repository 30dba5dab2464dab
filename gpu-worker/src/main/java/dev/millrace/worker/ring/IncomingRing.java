package dev.millrace.worker.ring;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.HeldRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// The end of a ring that reads rows. The other process can change them at any time, which gives wrong values and
/// nothing worse: what has a meaning beyond that comes on the link and is checked.
public final class IncomingRing {

    private final HeldSlot[] slots;

    private IncomingRing(Slot[] slots) {
        this.slots = new HeldSlot[slots.length];
        for (int i = 0; i < slots.length; i++) {
            this.slots[i] = new HeldSlot(slots[i]);
        }
    }

    /// Opens what another process offers.
    ///
    /// @throws NoRingException when it cannot be seen from here, or is something else
    public static IncomingRing open(RingOffer offer, RingShape shape) throws NoRingException {
        Kernel kernel = Kernel.ofThisSystem();
        if (!offer.bootId().equals(Kernel.bootId())) {
            throw new NoRingException("the stage before is on another machine");
        }
        if (offer.bytes() != shape.bytes()) {
            throw new NoRingException(
                    "the stage before offers %d bytes instead of %d".formatted(offer.bytes(), shape.bytes()));
        }
        int descriptor = kernel.open(offer.process(), offer.descriptor(), shape.bytes());
        MemorySegment memory;
        try {
            memory = kernel.map(descriptor, shape.bytes());
        } finally {
            kernel.close(descriptor);
        }
        if (memory.get(ValueLayout.JAVA_LONG, 0) != offer.nonceHigh()
                || memory.get(ValueLayout.JAVA_LONG, Long.BYTES) != offer.nonceLow()) {
            throw new NoRingException("what process %d shows is not what was offered".formatted(offer.process()));
        }
        return new IncomingRing(Slot.of(memory, shape));
    }

    /// The rows of a step, which stay where they are until they are released.
    ///
    /// @throws IllegalArgumentException when there is no such slot, or the rows in it were not released
    public HeldRows hold(long slot, long step) {
        if (slot < 0 || slot >= slots.length) {
            throw new IllegalArgumentException(
                    "step %d lies in slot %s, there are %d".formatted(step, Long.toUnsignedString(slot), slots.length));
        }
        HeldSlot held = slots[(int) slot];
        held.hold(slot, step);
        VarHandle.acquireFence();
        return held;
    }

    private static final class HeldSlot implements HeldRows {

        private final Slot slot;
        private volatile long step;

        HeldSlot(Slot slot) {
            this.slot = slot;
        }

        void hold(long number, long next) {
            if (step != 0) {
                throw new IllegalArgumentException(
                        "step %d lies in slot %d, where step %d is still read".formatted(next, number, step));
            }
            step = next;
        }

        @Override
        public Activations rows() {
            return slot.rows();
        }

        @Override
        public void release() {
            long read = step;
            step = 0;
            slot.release(read);
        }
    }
}
