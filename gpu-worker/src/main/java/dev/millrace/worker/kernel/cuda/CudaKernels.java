package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.DeviceFacts;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.Module;
import dev.millrace.worker.kernel.cuda.driver.Owners;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// The kernels of this build on the current device. A file is compiled by the driver when its first kernel is asked
/// for,
/// which must not happen while a stream is captured.
final class CudaKernels {

    private static final String ENDING = ".ptx";

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
            module = owners.add(new Module(driver, file, read(file + ENDING)));
            modules.put(file, module);
        }
        return module;
    }

    /// All files with kernels of this build, by name.
    static List<String> files() {
        try {
            URI one = Objects.requireNonNull(CudaKernels.class.getResource("measure" + ENDING), "measure" + ENDING)
                    .toURI();
            if (!one.getScheme().equals("jar")) {
                return files(Path.of(one).resolveSibling(""));
            }
            try (FileSystem jar = FileSystems.newFileSystem(one, Map.of())) {
                return files(jar.getPath(one.toString().substring(one.toString().indexOf('!') + 1))
                        .resolveSibling(""));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the kernels of this build", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ENDING))
                    .map(name -> name.substring(0, name.length() - ENDING.length()))
                    .sorted()
                    .toList();
        }
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
