package dev.millrace.cli.device;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import org.jspecify.annotations.Nullable;

/// Whether there is a driver at all. Looking takes a hundredth of a second, asking it a process of its own.
public final class NvidiaDriver {
    /// The driver library's file where it is not on the system's path.
    private static final String VARIABLE = "MILLRACE_CUDA_DRIVER";

    private static final String NAME = "libcuda.so.1";

    private NvidiaDriver() {}

    /// True where a question about devices has an answer that is not known already.
    public static boolean isThere() {
        @Nullable String file = System.getenv(VARIABLE);
        if (file != null && !file.isBlank()) {
            // What is wrong with it, the worker says.
            return true;
        }
        if (!System.getProperty("os.name").equals("Linux")) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            return SymbolLookup.libraryLookup(NAME, arena).find("cuInit").isPresent();
        } catch (IllegalArgumentException absent) {
            return false;
        }
    }
}
