package dev.millrace.worker.kernel.cpu;

import org.jspecify.annotations.Nullable;

/// Which kernels multiply weights and attend to keys and values. All of them give the same results, to the bit but for
/// attention over bytes (q8_0).
public enum CpuKernels {
    /// Native ones where they are there, otherwise the Vector API's.
    AUTO,
    /// Java's Vector API.
    VECTOR,
    /// Those in C.
    NATIVE;

    /// Why there are no native kernels here, or null where there are.
    public static @Nullable String whyNotNative() {
        return NativeLibrary.MISSING;
    }

    boolean useNative() {
        if (this == NATIVE && NativeLibrary.MISSING != null) {
            throw new IllegalStateException("no native kernels: " + NativeLibrary.MISSING);
        }
        return this != VECTOR && NativeLibrary.MISSING == null;
    }
}
