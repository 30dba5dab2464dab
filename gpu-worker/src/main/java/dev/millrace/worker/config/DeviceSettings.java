package dev.millrace.worker.config;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cpu.CpuKernels;
import dev.millrace.worker.kernel.cuda.CudaDevice;
import dev.millrace.worker.kernel.cuda.FoundDevice;
import dev.millrace.worker.ledger.StepLedger;

/// Which device computes, and how.
sealed interface DeviceSettings {

    /// The device; whoever opens it closes it.
    ///
    /// @param ledger where a device with its own memory enters transfers and phases of steps
    /// @throws StartException when it cannot be used after all
    Device open(StepLedger ledger) throws StartException;

    /// The cores of this machine.
    ///
    /// @param threads that compute
    /// @param threadsAlone that compute while no other stage has a step
    record Cpu(int threads, int threadsAlone, CpuKernels kernels) implements DeviceSettings {

        @Override
        public Device open(StepLedger ledger) {
            return new CpuDevice(threads, threadsAlone, kernels);
        }
    }

    /// A CUDA device.
    ///
    /// @param device is usable
    /// @param useGraphs whether steps that come again are launched as one
    record Cuda(FoundDevice device, boolean useGraphs) implements DeviceSettings {

        @Override
        public Device open(StepLedger ledger) throws StartException {
            try {
                return new CudaDevice(device, ledger, useGraphs);
            } catch (RuntimeException e) {
                throw new StartException("CUDA device %d, %s, cannot be used: %s"
                        .formatted(device.ordinal(), device.name(), e.getMessage()));
            }
        }
    }
}
