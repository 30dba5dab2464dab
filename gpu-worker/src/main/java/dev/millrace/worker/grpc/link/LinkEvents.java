package dev.millrace.worker.grpc.link;

/// What becomes of a link, told once each and on a network thread: the receiver must not block.
public interface LinkEvents {

    /// Both ends agree; steps may flow.
    void linked();

    /// The ends do not agree, or the other end could not be reached in time.
    void failed(String reason);

    /// The link broke after it was made.
    void lost(String reason);
}
