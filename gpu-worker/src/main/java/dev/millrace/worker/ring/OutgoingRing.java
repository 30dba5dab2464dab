package dev.millrace.worker.ring;

import dev.millrace.worker.step.Activations;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// The end of a ring that writes rows. [#place], [#slotOf] and [#given] are called by one thread at a time.
public final class OutgoingRing implements AutoCloseable {

    /// Rows that lie in no slot.
    public static final int NONE = -1;

    private final Kernel kernel;
    private final int descriptor;
    private final RingOffer offer;
    private final Slot[] slots;
    /// The step that was given to each slot last, 0 for none.
    private final long[] given;

    private boolean shown = true;

    private OutgoingRing(Kernel kernel, int descriptor, RingOffer offer, Slot[] slots) {
        this.kernel = kernel;
        this.descriptor = descriptor;
        this.offer = offer;
        this.slots = slots;
        given = new long[slots.length];
    }

    /// Gets ready for making or opening rings, which takes a moment the first time: while there is something else to
    /// wait
    /// for. From any thread.
    public static void prepare() {
        try {
            Kernel.ofThisSystem();
        } catch (NoRingException e) {
            // Whoever makes one is told.
        }
    }

    /// Makes a ring, of which nothing outlives this process and those that took it.
    ///
    /// @throws NoRingException where the system gives none
    public static OutgoingRing create(RingShape shape) throws NoRingException {
        Kernel kernel = Kernel.ofThisSystem();
        String bootId = Kernel.bootId();
        int descriptor = kernel.create(shape.bytes());
        try {
            MemorySegment memory = kernel.map(descriptor, shape.bytes());
            SecureRandom random = new SecureRandom();
            RingOffer offer = new RingOffer(
                    bootId,
                    ProcessHandle.current().pid(),
                    descriptor,
                    shape.bytes(),
                    random.nextLong(),
                    random.nextLong());
            memory.set(ValueLayout.JAVA_LONG, 0, offer.nonceHigh());
            memory.set(ValueLayout.JAVA_LONG, Long.BYTES, offer.nonceLow());
            return new OutgoingRing(kernel, descriptor, offer, Slot.of(memory, shape));
        } catch (NoRingException | RuntimeException e) {
            kernel.close(descriptor);
            throw e;
        }
    }

    /// What to tell the process that reads; good until [#hide].
    public RingOffer offer() {
        return offer;
    }

    /// Nobody else can open the ring from now on.
    public synchronized void hide() {
        if (shown) {
            shown = false;
            kernel.close(descriptor);
        }
    }

    /// A free slot's place for rows, the one that was used last where there are several: it is in the caches. Null
    /// where the rows in all of them are still to be read.
    public @Nullable Activations place() {
        for (int i = 0; i < slots.length; i++) {
            if (slots[i].released() == given[i]) {
                return slots[i].rows();
            }
        }
        return null;
    }

    /// The slot that [#place] gave, or [#NONE].
    public int slotOf(Activations rows) {
        for (int i = 0; i < slots.length; i++) {
            if (slots[i].rows() == rows) {
                return i;
            }
        }
        return NONE;
    }

    /// The slot has the rows of that step; it may be told to the process that reads.
    public void given(int slot, long step) {
        given[slot] = step;
        VarHandle.releaseFence();
    }

    @Override
    public void close() {
        hide();
    }
}
