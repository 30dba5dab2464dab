package dev.millrace.worker.kernel;

/// Intermediate values `[rows, columns] f32` on a device, as many rows as the current step has of that kind.
public interface DeviceBuffer {

    /// What a row stands for.
    Rows rows();

    /// Values of a row.
    int columns();
}
