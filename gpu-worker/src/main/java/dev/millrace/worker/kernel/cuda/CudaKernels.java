package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.DeviceFacts;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.Module;
import dev.millrace.worker.kernel.cuda.driver.Owners;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// The kernels of this build on the current device. A file is compiled by the driver when its first kernel is asked
/// for,
/// which must not happen while a stream is captured.
final class CudaKernels {

    private final Driver driver;
    private final Owners owners;
    private final Map<String, Module> modules = new HashMap<>();

    /// @param owners what is loaded lives as long as these
    CudaKernels(Driver driver, Owners owners) {
        this.driver = driver;
        this.owners = owners;
    }

    /// What the kernels run on.
    DeviceFacts device() {
        return driver.currentDevice();
    }

    /// The kernel `name` of `file`.cu.
    Kernel kernel(String file, String name) {
        return module(file).kernel(name);
    }

    /// All kernels of `file`.cu.
    Module module(String file) {
        Module module = modules.get(file);
        if (module == null) {
            module = owners.add(new Module(driver, file, read(file + ".ptx")));
            modules.put(file, module);
        }
        return module;
    }

    private static String read(String resource) {
        try (InputStream text = CudaKernels.class.getResourceAsStream(resource)) {
            if (text == null) {
                throw new IllegalStateException("this build has no " + resource);
            }
            return new String(text.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }
}
