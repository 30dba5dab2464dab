package dev.millrace.worker.kernel.cuda.driver;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Kernels of one PTX text, compiled by the driver for the current device.
public final class Module extends Handle {

    private final String name;
    private final PtxSignatures signatures;

    /// @param name for messages
    /// @throws IllegalArgumentException where a kernel of it takes what kernels here do not take
    public Module(Driver driver, String name, String ptx) {
        this(driver, name, ptx, PtxSignatures.of(ptx));
    }

    private Module(Driver driver, String name, String ptx, PtxSignatures signatures) {
        super(driver, load(driver, name, ptx));
        this.name = name;
        this.signatures = signatures;
    }

    private static long load(Driver driver, String name, String ptx) {
        byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
        try {
            return driver.loadModule(Arrays.copyOf(text, text.length + 1));
        } catch (CudaException e) {
            throw e.during("module " + name);
        }
    }

    /// The kernel of that name, with the arguments that the text declares.
    ///
    /// @throws IllegalArgumentException where the text has none
    public Kernel kernel(String entry) {
        List<ArgumentKind> kinds = signatures.kinds(entry);
        try {
            return new Kernel(driver, entry, driver.function(value(), entry), kinds);
        } catch (CudaException e) {
            throw e.during("kernel %s of module %s".formatted(entry, name));
        }
    }

    @Override
    void release(long last) {
        driver.unloadModule(last);
    }
}
