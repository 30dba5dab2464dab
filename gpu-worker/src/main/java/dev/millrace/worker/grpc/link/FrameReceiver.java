package dev.millrace.worker.grpc.link;

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
}
