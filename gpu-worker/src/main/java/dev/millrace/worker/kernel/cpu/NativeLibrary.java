package dev.millrace.worker.kernel.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The kernels in C, where the build found a compiler for this system and this CPU has what they need.
final class NativeLibrary {

    /// Levels of CPU features, as the C file has them; 0 is none.
    private static final String[] LEVELS = {"none", "AVX2", "AVX-VNNI", "AVX-512 VNNI", "AMX"};

    /// No function here waits for anything. A change of the thread's state around each call would cost as much as the
    /// smaller ones do; without, a collection of garbage begins a few hundred microseconds later at the most.
    private static final Linker.Option WITHOUT_TRANSITION = Linker.Option.critical(false);

    /// An argument of C's type int.
    static final MemoryLayout INT = ValueLayout.JAVA_INT;

    /// An argument of C's type int64_t, or an address.
    static final MemoryLayout LONG = ValueLayout.JAVA_LONG;

    /// An argument of C's type float.
    static final MemoryLayout FLOAT = ValueLayout.JAVA_FLOAT;

    private static final String NAME = "libmillrace_kernels.so";

    /// Why there is no library, or null where there is one.
    static final @Nullable String MISSING;

    /// What this CPU can do.
    static final int LEVEL;

    /// Scratch that [NativeProducts] needs.
    static final long SCRATCH_BYTES;

    private static final @Nullable SymbolLookup LIBRARY;

    static {
        String missing = null;
        int level = 0;
        long scratchBytes = 0;
        SymbolLookup library = null;
        try {
            library = load();
            level = (int) function(library, "millrace_level", FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
            scratchBytes =
                    (long) function(library, "millrace_scratch_bytes", FunctionDescriptor.of(ValueLayout.JAVA_LONG))
                            .invokeExact();
            missing = level == 0 ? "this CPU has no AVX2" : null;
        } catch (Throwable e) {
            missing = String.valueOf(e.getMessage());
        }
        MISSING = missing;
        LEVEL = level;
        SCRATCH_BYTES = scratchBytes;
        LIBRARY = library;
    }

    private NativeLibrary() {}

    /// For people.
    static String description(int level) {
        return LEVELS[level];
    }

    /// A function of the library that gives nothing back; it must be there.
    static MethodHandle function(String name, MemoryLayout... arguments) {
        return function(Objects.requireNonNull(LIBRARY), name, FunctionDescriptor.ofVoid(arguments));
    }

    /// What is thrown where a call could not be made: the functions themselves throw nothing.
    static IllegalStateException failure(Throwable cause) {
        return new IllegalStateException("a native kernel could not be called", cause);
    }

    private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor, WITHOUT_TRANSITION);
    }

    /// The library has to be a file of its own for that, which is not needed any more once it is loaded.
    private static SymbolLookup load() throws IOException {
        String resource = "/native/%s-%s/%s".formatted(system(), architecture(), NAME);
        try (InputStream library = NativeLibrary.class.getResourceAsStream(resource)) {
            if (library == null) {
                throw new IOException("this build has none for " + system() + " on " + architecture());
            }
            Path file = Files.createTempFile("millrace-kernels-", ".so");
            try {
                Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
                return SymbolLookup.libraryLookup(file, Arena.global());
            } finally {
                Files.delete(file);
            }
        }
    }

    private static String system() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT);
    }

    private static String architecture() {
        return System.getProperty("os.arch");
    }
}
