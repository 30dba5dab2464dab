package dev.millrace.worker.grpc.link;

import dev.millrace.worker.step.HeldRows;
import java.lang.foreign.MemorySegment;

/// Where the content of received frames goes. Called on a network thread, one frame at a time, in the order of the
/// steps; the segments are valid during the call only.
public interface FrameReceiver {

    /// A step, with its activations `[T, H] f32` on a link from the stage before, without any on a link from the last
    /// stage.
    ///
    /// @param packed the packed step, or the packed tokens of one
    /// @param activations the activations, or no bytes
    /// @throws StepRefusedException when it is not the next step of this epoch
    void received(MemorySegment packed, MemorySegment activations);

    /// A step whose activations lie in memory that the stage before has, too, on a link that may have some. They stay
    /// until they are released.
    ///
    /// @param packed the packed step
    /// @throws StepRefusedException when it is not the next step of this epoch
    default void received(MemorySegment packed, HeldRows activations) {
        throw new IllegalStateException("rows in shared memory came to where none are expected");
    }
}
