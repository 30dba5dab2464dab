package dev.millrace.worker.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/// The CPU time of all threads of this process. The JVM's own counter moves in steps of 10 ms on Linux, so there the
/// clock that it is made from is asked.
final class CpuTime {

    private static final int PROCESS_CLOCK = 2;
    private static final MemorySegment TIME = Arena.global().allocate(ValueLayout.JAVA_LONG, 2);
    private static final Optional<MethodHandle> CLOCK = clock();
    private static final OperatingSystemMXBean JVM = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private CpuTime() {}

    private static Optional<MethodHandle> clock() {
        if (!"Linux".equals(System.getProperty("os.name"))) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor descriptor =
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        return linker.defaultLookup().find("clock_gettime").map(address -> linker.downcallHandle(address, descriptor));
    }

    /// Since some moment; by one thread at a time.
    static long nanos() {
        return CLOCK.isPresent() ? read(CLOCK.get()) : JVM.getProcessCpuTime();
    }

    private static long read(MethodHandle clock) {
        try {
            int failed = (int) clock.invokeExact(PROCESS_CLOCK, TIME);
            if (failed != 0) {
                return JVM.getProcessCpuTime();
            }
        } catch (Throwable e) {
            throw new IllegalStateException("reading the CPU clock", e);
        }
        return TIME.getAtIndex(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L + TIME.getAtIndex(ValueLayout.JAVA_LONG, 1);
    }
}
