package dev.millrace.worker.kernel;

import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cpu.CpuKernels;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.StepLedger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/// The devices whose operations have to be those of the reference.
public enum TestDevice {
    /// The CPU, with kernels in Java.
    VECTOR,
    /// The CPU, with kernels in C.
    NATIVE,
    /// CUDA, on the driver that runs kernels on the CPU.
    CUDA;

    /// Numbers of rows that are computed together where that must not change a bit: all of them, or those beside which
    /// kernels change.
    int[] batches() {
        return this == CUDA
                ? new int[] {2, 3, 4, 5, 8, 9, 16, 17, 24, 32, 33, 64}
                : IntStream.rangeClosed(2, 64).toArray();
    }

    /// A fresh one, or the test is skipped.
    public Device open() {
        return open(1);
    }

    /// @param threads that compute, where a device lets one choose
    public Device open(int threads) {
        return switch (this) {
            case VECTOR -> new CpuDevice(threads, CpuKernels.VECTOR);
            case NATIVE -> {
                String missing = CpuKernels.whyNotNative();
                Assumptions.assumeTrue(missing == null, () -> "no native kernels: " + missing);
                yield new CpuDevice(threads, CpuKernels.NATIVE);
            }
            case CUDA -> {
                FakeDriver.start(1);
                yield FakeDevice.open(new StepLedger(), true);
            }
        };
    }
}
