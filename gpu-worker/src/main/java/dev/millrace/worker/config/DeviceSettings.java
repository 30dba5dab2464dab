package dev.millrace.worker.config;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cpu.CpuKernels;

/// Which device computes, and how.
///
/// @param threads that compute
/// @param threadsAlone that compute while no other stage has a step
/// @param kernels of the CPU
record DeviceSettings(int threads, int threadsAlone, CpuKernels kernels) {

    /// The device; whoever opens it closes it.
    Device open() {
        return new CpuDevice(threads, threadsAlone, kernels);
    }
}
