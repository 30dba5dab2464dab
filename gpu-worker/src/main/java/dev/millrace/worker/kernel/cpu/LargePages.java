package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Large runs of memory on pages of 2 MiB, where Linux has them: reading weights from front to back otherwise spends a
/// good part of its time on address translation. Elsewhere it is ordinary memory.
final class LargePages {

    private static final long PAGE_BYTES = 2 << 20;
    private static final int READ_AND_WRITE = 3;
    private static final int PRIVATE_AND_ANONYMOUS = 0x22;
    private static final int ADVICE_HUGE_PAGES = 14;
    private static final long FAILED = -1;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Optional<MethodHandle> MAP = function(
            "mmap",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG));
    private static final Optional<MethodHandle> UNMAP = function(
            "munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final Optional<MethodHandle> ADVISE = function(
            "madvise",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

    private LargePages() {}

    private static Optional<MethodHandle> function(String name, FunctionDescriptor descriptor) {
        if (!"Linux".equals(System.getProperty("os.name"))) {
            return Optional.empty();
        }
        SymbolLookup lookup = LINKER.defaultLookup();
        return lookup.find(name).map(address -> LINKER.downcallHandle(address, descriptor));
    }

    /// `bytes` of zeros that live as long as `arena`, aligned to 64 bytes at least.
    static MemorySegment allocate(Arena arena, long bytes) {
        if (bytes < PAGE_BYTES || MAP.isEmpty() || UNMAP.isEmpty() || ADVISE.isEmpty()) {
            return arena.allocate(bytes, 64);
        }
        long length = bytes + PAGE_BYTES;
        long start = map(length);
        if (start == FAILED) {
            return arena.allocate(bytes, 64);
        }
        long aligned = (start + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        advise(aligned, bytes);
        return MemorySegment.ofAddress(aligned).reinterpret(bytes, arena, segment -> unmap(start, length));
    }

    private static long map(long length) {
        try {
            return (long)
                    MAP.orElseThrow().invokeExact(0L, length, READ_AND_WRITE, PRIVATE_AND_ANONYMOUS, (int) FAILED, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("mapping " + length + " bytes", e);
        }
    }

    /// Where the advice is not taken the pages are small.
    private static void advise(long start, long length) {
        try {
            int ignored = (int) ADVISE.orElseThrow().invokeExact(start, length, ADVICE_HUGE_PAGES);
        } catch (Throwable e) {
            throw new IllegalStateException("advising on " + length + " bytes", e);
        }
    }

    private static void unmap(long start, long length) {
        try {
            int ignored = (int) UNMAP.orElseThrow().invokeExact(start, length);
        } catch (Throwable e) {
            throw new IllegalStateException("unmapping " + length + " bytes", e);
        }
    }
}
