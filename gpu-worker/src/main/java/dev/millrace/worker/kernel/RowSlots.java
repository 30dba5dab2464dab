package dev.millrace.worker.kernel;

import dev.millrace.worker.step.RowSlot;

/// Slots for the rows of steps that come from another device of this process. They belong to the device that reads, on
/// whose thread they are made and closed; the others may be called by any thread.
public interface RowSlots extends AutoCloseable {

    /// The slot for the next step; they go round.
    ///
    /// @throws IllegalStateException when the reading device was not asked to read the rows that it has, or was closed
    RowSlot next();

    /// Waits until nothing is written to them any more, and gives them back.
    @Override
    void close();
}
