package dev.millrace.worker.config;

import dev.millrace.worker.grpc.link.LinkContract;
import dev.millrace.worker.kernel.RowSlots;
import dev.millrace.worker.step.RowSlot;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The stages of this process that take rows from another one's device. Both ends of a link between them say the same
/// contract, and find each other by that.
final class Neighbours {

    private final int workers;
    private final Map<LinkContract, Neighbour> expecting = new ConcurrentHashMap<>();

    /// @param workers of this process
    Neighbours(int workers) {
        this.workers = workers;
    }

    /// Takes steps whose rows are, or will be, in a slot of its device. Called by the stage before, on its thread.
    interface Receiver {
        void received(MemorySegment packed, RowSlot rows);
    }

    /// A stage.
    ///
    /// @param slots of its device
    record Neighbour(RowSlots slots, Receiver receiver) {}

    /// False where there is nobody to find.
    boolean areThere() {
        return workers > 1;
    }

    /// From now on the stage before finds this one.
    void expect(LinkContract contract, Neighbour stage) {
        expecting.put(contract, stage);
    }

    void forget(LinkContract contract) {
        expecting.remove(contract);
    }

    Optional<Neighbour> find(LinkContract contract) {
        return Optional.ofNullable(expecting.get(contract));
    }
}
