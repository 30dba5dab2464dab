package dev.millrace.worker.kernel.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// NVIDIA's driver library. It is opened here before the binding is touched, which would not recover from its absence,
/// and stays: the binding finds it by its name among what is loaded.
public final class DriverLibrary {

    /// The library's file, before [#VARIABLE]: for tests.
    public static final String PROPERTY = "millrace.cuda.driver";

    /// The library's file where it is not on the system's path.
    public static final String VARIABLE = "MILLRACE_CUDA_DRIVER";

    private static final String NAME = "libcuda.so.1";

    private DriverLibrary() {}

    /// Opens it.
    ///
    /// @return why there is none, for people; empty where it is there
    public static Optional<String> missing() {
        String system = System.getProperty("os.name");
        String architecture = System.getProperty("os.arch");
        if (!"linux".equals(system.toLowerCase(Locale.ROOT)) || !"amd64".equals(architecture)) {
            return Optional.of("CUDA is used on Linux on x86-64 only, not on %s on %s".formatted(system, architecture));
        }
        Optional<String> file = file();
        try {
            SymbolLookup library = file.isPresent()
                    ? SymbolLookup.libraryLookup(Path.of(file.get()), Arena.global())
                    : SymbolLookup.libraryLookup(NAME, Arena.global());
            return library.find("cuInit").isPresent()
                    ? Optional.empty()
                    : Optional.of(file.orElse(NAME) + " is not NVIDIA's driver: it has no cuInit");
        } catch (IllegalArgumentException e) {
            return Optional.of(file.map(named -> "the driver library %s cannot be opened".formatted(named))
                    .orElse("no NVIDIA driver: there is no " + NAME));
        }
    }

    /// The file that was asked for instead of the system's.
    static Optional<String> file() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .or(() -> Optional.ofNullable(System.getenv(VARIABLE)))
                .filter(named -> !named.isBlank());
    }
}
