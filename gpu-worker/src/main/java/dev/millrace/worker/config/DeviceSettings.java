package dev.millrace.worker.config;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;

/// Which device computes, and how.
///
/// @param threads that compute
record DeviceSettings(int threads) {

    /// The device; whoever opens it closes it.
    Device open() {
        return new CpuDevice(threads);
    }
}
