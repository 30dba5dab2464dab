package dev.millrace.worker.grpc.placement;

/// What a worker is told. Called on a network thread, one call at a time: the receiver must not block.
public interface StageOrders {

    /// Take this stage; it replaces every earlier order.
    void assign(StageAssignment assignment);

    /// Forget the stage of this epoch.
    void release(long epoch);

    /// The tokenizer-service is gone: nobody knows of the stage any more.
    void disconnected();
}
