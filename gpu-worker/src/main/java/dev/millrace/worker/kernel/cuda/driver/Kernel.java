package dev.millrace.worker.kernel.cuda.driver;

import java.lang.ref.Reference;
import java.util.List;

/// A function on the device. It lives as long as its [Module].
public final class Kernel {

    private static final int SHARED_BYTES = 1;
    private static final int SPILLED_BYTES = 3;
    private static final int REGISTERS = 4;
    private static final int MOST_DYNAMIC_SHARED_BYTES = 8;

    private final Driver driver;
    private final String name;
    private final long function;
    private final List<ArgumentKind> kinds;

    Kernel(Driver driver, String name, long function, List<ArgumentKind> kinds) {
        this.driver = driver;
        this.name = name;
        this.function = function;
        this.kinds = kinds;
    }

    public String name() {
        return name;
    }

    /// A fresh block of arguments for one call site.
    public KernelArguments arguments() {
        return new KernelArguments(name, kinds);
    }

    /// Registers of a thread as the driver compiled it.
    public int registers() {
        return driver.attribute(function, REGISTERS);
    }

    /// Bytes of a thread that did not fit its registers.
    public int spilledBytes() {
        return driver.attribute(function, SPILLED_BYTES);
    }

    /// Shared memory of a block that the kernel declares, without what a launch adds.
    public int sharedBytes() {
        return driver.attribute(function, SHARED_BYTES);
    }

    /// Allows launches with more than the usual 48 KiB of shared memory.
    public void allowShared(int bytes) {
        try {
            driver.setAttribute(function, MOST_DYNAMIC_SHARED_BYTES, bytes);
        } catch (CudaException e) {
            throw e.during("%d bytes of shared memory of %s".formatted(bytes, name));
        }
    }

    /// Puts it on `stream` with `arguments` as they are now.
    ///
    /// @param block threads of a block
    /// @param sharedBytes of a block, beside those that the kernel declares
    public void launch(
            Stream stream, int gridX, int gridY, int gridZ, int block, int sharedBytes, KernelArguments arguments) {
        long values = arguments.blockOf(name);
        try {
            driver.launch(function, gridX, gridY, gridZ, block, sharedBytes, stream.handle(), values);
        } catch (CudaException e) {
            throw e.during("%s over %d x %d x %d blocks of %d threads with %d bytes of shared memory"
                    .formatted(name, gridX, gridY, gridZ, block, sharedBytes));
        } finally {
            Reference.reachabilityFence(arguments);
        }
    }
}
