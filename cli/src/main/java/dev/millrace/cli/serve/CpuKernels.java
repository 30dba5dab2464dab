package dev.millrace.cli.serve;

import java.util.Locale;

/// Which kernels multiply weights on the CPU.
enum CpuKernels {
    AUTO,
    VECTOR,
    NATIVE;

    /// As it is written on a command line.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
