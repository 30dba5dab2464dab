package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.DriverLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/// The CUDA driver of tests: it runs the kernels on the CPU, does what streams are to do when it is waited for, counts
/// calls, and fails where a test wants it to. Built from `src/test/cuda` before tests; there is one in a process.
///
/// With `-Dmillrace.test.device=real` the driver of this machine takes its place: tests tagged `device` then run on a
/// real card, up to where they ask for what only the fake can tell or do, which skips them.
public final class FakeDriver {

    /// The order in which threads of a block run between two barriers.
    public enum Order {
        ASCENDING,
        DESCENDING,
        SHUFFLED
    }

    private static final Path FOLDER = Path.of("target", "fake-cuda").toAbsolutePath();
    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout TEXT = ValueLayout.ADDRESS;

    private static final boolean REAL = "real".equals(System.getProperty("millrace.test.device"));

    /// Empty where a real driver is in its place.
    private final Optional<SymbolLookup> library;

    private FakeDriver(Optional<SymbolLookup> library) {
        this.library = library;
    }

    /// Makes it the driver of this process and forgets what was, or skips the test with a message where there is none.
    public static FakeDriver start(int devices) {
        if (REAL) {
            int usable = CudaDevices.find().usable().size();
            Assumptions.assumeTrue(
                    usable >= devices, () -> "skipped: needs %d CUDA devices, there are %d".formatted(devices, usable));
            return new FakeDriver(Optional.empty());
        }
        Path file = file("libcuda.so.1");
        System.setProperty(DriverLibrary.PROPERTY, file.toString());
        FakeDriver driver = new FakeDriver(Optional.of(SymbolLookup.libraryLookup(file, Arena.global())));
        driver.reset(devices);
        return driver;
    }

    /// What the build made for tests, or the test is skipped.
    public static Path file(String name) {
        Path file = FOLDER.resolve(name);
        Assumptions.assumeTrue(Files.exists(file), () -> "skipped: src/test/cuda/build made no " + name);
        Assumptions.assumeTrue(hasVectors(), "skipped: the fake driver needs a CPU with AVX2 and FMA");
        return file;
    }

    private static boolean hasVectors() {
        try {
            String cpus = Files.readString(Path.of("/proc/cpuinfo"));
            return cpus.contains(" avx2 ") && cpus.contains(" fma ");
        } catch (IOException e) {
            return false;
        }
    }

    /// With so many devices of 4 GiB and capability 9.0, driver 13.0, no faults and counts of 0.
    public void reset(int devices) {
        call("fake_reset", FunctionDescriptor.ofVoid(INT), devices);
    }

    /// @param version 1000 x major + 10 x minor
    public void version(int version) {
        call("fake_version", FunctionDescriptor.ofVoid(INT), version);
    }

    public void capability(int device, int major, int minor) {
        call("fake_capability", FunctionDescriptor.ofVoid(INT, INT, INT), device, major, minor);
    }

    public void memory(int device, long totalBytes, long othersBytes) {
        call("fake_memory", FunctionDescriptor.ofVoid(INT, LONG, LONG), device, totalBytes, othersBytes);
    }

    /// @param eager whether streams do at once what they are asked for, instead of when somebody waits
    public void schedule(Order threads, boolean eager) {
        call("fake_schedule", FunctionDescriptor.ofVoid(INT, INT), threads.ordinal(), eager ? 1 : 0);
    }

    /// @param on whether kernels do anything; otherwise what they would write stays as it is
    public void computes(boolean on) {
        call("fake_computes", FunctionDescriptor.ofVoid(INT), on ? 1 : 0);
    }

    /// The `nth` call of that name from now on returns `code`.
    ///
    /// @param call as in CUDA's manual, `cuMemAlloc`; or `kernel NAME`, which fails while it runs
    public void fail(String call, long nth, int code) {
        try (Arena arena = Arena.ofConfined()) {
            call("fake_fault", FunctionDescriptor.ofVoid(TEXT, LONG, INT), arena.allocateFrom(call), nth, code);
        }
    }

    /// Faults that were asked for and did not happen yet.
    public long pendingFaults() {
        return (long) call("fake_pending_faults", FunctionDescriptor.of(LONG));
    }

    /// How often something was called, `kernel NAME` for runs of a kernel, or `bytes up` and `bytes down`.
    public long count(String what) {
        try (Arena arena = Arena.ofConfined()) {
            return (long) call("fake_count", FunctionDescriptor.of(LONG, TEXT), arena.allocateFrom(what));
        }
    }

    /// As [#count] for what was called in the context of that device; runs of kernels are not counted by devices.
    public long count(int device, String what) {
        try (Arena arena = Arena.ofConfined()) {
            return (long)
                    call("fake_device_count", FunctionDescriptor.of(LONG, INT, TEXT), device, arena.allocateFrom(what));
        }
    }

    public void clearCounts() {
        call("fake_clear_counts", FunctionDescriptor.ofVoid());
    }

    /// What was made and not given back; empty where nothing, and where a real driver does not tell.
    public String leaks() {
        return library.isEmpty() ? "" : text("fake_leaks");
    }

    /// Why the last call that found something wrong did.
    public String lastError() {
        return text("fake_last_error");
    }

    /// Threads that made calls on a device.
    public long threads(int device) {
        return (long) call("fake_threads", FunctionDescriptor.of(LONG, INT), device);
    }

    public long takenBytes(int device) {
        return (long) call("fake_taken_bytes", FunctionDescriptor.of(LONG, INT), device);
    }

    private String text(String function) {
        MemorySegment start = (MemorySegment) call(function, FunctionDescriptor.of(TEXT));
        return start.reinterpret(Integer.MAX_VALUE).getString(0);
    }

    private Object call(String name, FunctionDescriptor descriptor, Object... arguments) {
        Assumptions.assumeTrue(library.isPresent(), () -> "skipped: a real driver has no " + name);
        MethodHandle function = Linker.nativeLinker()
                .downcallHandle(library.orElseThrow().find(name).orElseThrow(), descriptor);
        try {
            return function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(name, e);
        }
    }
}
