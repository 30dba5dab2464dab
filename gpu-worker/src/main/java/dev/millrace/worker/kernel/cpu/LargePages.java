package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/// Large runs of memory on pages of 2 MiB, where Linux has them: reading weights from front to back otherwise spends a
/// good part of its time on address translation. Elsewhere it is ordinary memory.
final class LargePages {

    private static final long PAGE_BYTES = 2 << 20;
    private static final int READ_AND_WRITE = 3;
    private static final int PRIVATE_AND_ANONYMOUS = 0x22;
    private static final int ADVICE_HUGE_PAGES = 14;
    private static final int ADVICE_READ_NOW = 22;
    private static final int ADVICE_WRITE_NOW = 23;
    private static final int ADVICE_COLLAPSE = 25;
    private static final int SMALL_PAGE_BYTES = 4096;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
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
        MemorySegment memory = reserve(arena, bytes);
        if (memory.byteSize() >= PAGE_BYTES) {
            advise(memory.address(), bytes, ADVICE_HUGE_PAGES);
        }
        return memory;
    }

    /// As [#allocate], but what is written before [#take] lies on small pages: writing here and there takes little.
    static MemorySegment reserve(Arena arena, long bytes) {
        if (bytes < PAGE_BYTES || MAP.isEmpty() || UNMAP.isEmpty() || ADVISE.isEmpty()) {
            return arena.allocate(bytes, 64);
        }
        long length = bytes + PAGE_BYTES;
        long start = map(length);
        if (start == FAILED) {
            return arena.allocate(bytes, 64);
        }
        long aligned = (start + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        return MemorySegment.ofAddress(aligned).reinterpret(bytes, arena, segment -> unmap(start, length));
    }

    /// Takes the memory from `from` on for which addresses are reserved, up to a page more or less; what is there
    /// stays,
    /// and others may use it meanwhile.
    ///
    /// @return where the next call goes on
    static long take(MemorySegment reserved, long from) {
        long bytes = Math.min(PAGE_BYTES, reserved.byteSize() - from);
        if (reserved.byteSize() >= PAGE_BYTES && ADVISE.isPresent()) {
            long start = reserved.address() + from;
            // Where advice is not known or not taken, touching does it.
            advise(start, bytes, ADVICE_HUGE_PAGES);
            advise(start, bytes, ADVICE_COLLAPSE);
            if (advise(start, bytes, ADVICE_WRITE_NOW) != 0) {
                touch(reserved, from, bytes);
            }
        }
        return from + bytes;
    }

    private static void touch(MemorySegment memory, long from, long bytes) {
        for (long at = from; at + Integer.BYTES <= from + bytes; at += SMALL_PAGE_BYTES) {
            var ignored = (int) INT.getAndAdd(memory, at, 0);
        }
    }

    /// Maps all of a mapped file's pages now, the large ones as such.
    static void takeMapped(MemorySegment file) {
        if (ADVISE.isPresent()) {
            advise(file.address(), file.byteSize(), ADVICE_HUGE_PAGES);
            advise(file.address(), file.byteSize(), ADVICE_READ_NOW);
        }
    }

    private static long map(long length) {
        try {
            return (long)
                    MAP.orElseThrow().invokeExact(0L, length, READ_AND_WRITE, PRIVATE_AND_ANONYMOUS, (int) FAILED, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("mapping " + length + " bytes", e);
        }
    }

    /// @return 0 when the advice was taken; where it was not, pages are small or come later
    private static int advise(long start, long length, int advice) {
        try {
            return (int) ADVISE.orElseThrow().invokeExact(start, length, advice);
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
