package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.RowSlots;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.kernel.cuda.driver.Event;
import dev.millrace.worker.kernel.cuda.driver.Owners;

/// Where rows of another device arrive.
final class CudaRowSlots implements RowSlots {

    private static final long ALIGNMENT = 256;

    private final CudaStage reader;
    private final Owners owners = new Owners();
    private final CudaRowSlot[] slots;
    private int next;

    /// @param context of the reader's device
    /// @param bytes of the rows of a step at the most
    CudaRowSlots(CudaStage reader, long context, int count, long bytes) {
        this.reader = reader;
        slots = new CudaRowSlot[count];
        long stride = Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
        try {
            long address = owners.add(new DeviceArray(reader.driver(), count * stride, "rows of the stage before"))
                    .address();
            for (int i = 0; i < count; i++) {
                Event read = owners.add(new Event(reader.driver(), false));
                slots[i] = new CudaRowSlot(reader, context, address + i * stride, bytes, read);
            }
        } catch (CudaException e) {
            owners.close();
            throw e;
        }
    }

    @Override
    public synchronized CudaRowSlot next() {
        CudaRowSlot slot = slots[next];
        if (slot.isFull()) {
            throw new IllegalStateException(
                    "the next stage has not begun to read the rows of %d steps".formatted(slots.length));
        }
        next = (next + 1) % slots.length;
        return slot;
    }

    @Override
    public void close() {
        for (CudaRowSlot slot : slots) {
            slot.shut();
        }
        boolean answers = true;
        try {
            reader.stream().synchronize();
        } catch (CudaException e) {
            answers = false;
        }
        try {
            owners.close();
        } catch (CudaException e) {
            // A device that does not answer has lost everything already.
            if (answers) {
                throw e;
            }
        }
    }
}
