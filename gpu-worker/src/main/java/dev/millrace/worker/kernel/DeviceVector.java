package dev.millrace.worker.kernel;

/// Norm weights or biases `[n] f32` on a device.
public interface DeviceVector {

    /// `n`.
    int size();
}
