package dev.millrace.worker.kernel.cuda;

/// The kernel that makes the rows of a buffer, ready to be launched: it can round them for products too, once it is
/// known in which forms these take them.
interface RowsMaker {

    /// The rows that it makes.
    CudaBuffer target();

    void launch(RoundingTargets targets);
}
