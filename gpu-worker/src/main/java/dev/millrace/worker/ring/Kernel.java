package dev.millrace.worker.ring;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// The calls of Linux that memory of two processes takes. It is a file without a name (`memfd_create`), which goes with
/// the last process that has it, whatever ends it, and which is sealed: nobody can shorten it, so that reading it never
/// fails.
final class Kernel {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private static final int CLOSE_ON_EXEC_AND_SEALABLE = 3;
    /// To read and write, closed on exec, without waiting for whatever it might be instead of memory.
    private static final int OPEN_FLAGS = 0x80802;

    private static final int ADD_SEALS = 1033;
    private static final int GET_SEALS = 1034;
    /// No more seals, and neither shorter nor longer from now on.
    private static final int SEALS = 7;

    private static final int FROM_END = 2;
    private static final int READ_AND_WRITE = 3;
    private static final int SHARED = 1;
    private static final long MAP_FAILED = -1;

    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout TEXT = ValueLayout.ADDRESS;

    private final MethodHandle create = function("memfd_create", FunctionDescriptor.of(INT, TEXT, INT));
    private final MethodHandle open =
            function("open", FunctionDescriptor.of(INT, TEXT, INT), Linker.Option.firstVariadicArg(2));
    private final MethodHandle control =
            function("fcntl", FunctionDescriptor.of(INT, INT, INT, INT), Linker.Option.firstVariadicArg(2));
    private final MethodHandle resize = function("ftruncate", FunctionDescriptor.of(INT, INT, LONG));
    private final MethodHandle seek = function("lseek", FunctionDescriptor.of(LONG, INT, LONG, INT));
    private final MethodHandle map = function("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
    private final MethodHandle unmap = function("munmap", FunctionDescriptor.of(INT, LONG, LONG));
    private final MethodHandle close = function("close", FunctionDescriptor.of(INT, INT));

    private Kernel() {}

    private static final class Linux {
        static final Kernel KERNEL = new Kernel();
    }

    private interface Call {
        long result() throws Throwable;
    }

    /// @throws NoRingException where the system is another one than Linux
    static Kernel ofThisSystem() throws NoRingException {
        String system = System.getProperty("os.name");
        if (!system.equals("Linux")) {
            throw new NoRingException("this is " + system + ", not Linux");
        }
        try {
            return Linux.KERNEL;
        } catch (LinkageError e) {
            // A C library older than glibc 2.27 has no memfd_create, or native calls are not allowed.
            throw new NoRingException("the system has no memory without a name");
        }
    }

    /// Changes with each start of the system, and is the same in all its containers.
    static String bootId() throws NoRingException {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            throw new NoRingException("the system does not say which one it is: " + e.getMessage());
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }

    private static long call(Call call) {
        try {
            return call.result();
        } catch (Throwable e) {
            throw new IllegalStateException("a function of the system could not be called", e);
        }
    }

    /// Makes memory of zeros, of which a page is taken when it is first written to.
    ///
    /// @return a descriptor of it, to be closed
    int create(long bytes) throws NoRingException {
        int descriptor;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom("millrace-rows");
            descriptor = (int) call(() -> (int) create.invokeExact(name, CLOSE_ON_EXEC_AND_SEALABLE));
        }
        if (descriptor < 0) {
            throw new NoRingException("the system gives no memory without a name");
        }
        if (call(() -> (int) resize.invokeExact(descriptor, bytes)) != 0
                || call(() -> (int) control.invokeExact(descriptor, ADD_SEALS, SEALS)) != 0) {
            close(descriptor);
            throw new NoRingException("the system does not give %d bytes to share".formatted(bytes));
        }
        return descriptor;
    }

    /// Opens what another process has open, or this one.
    ///
    /// @return a descriptor of sealed memory of that size, to be closed
    int open(long process, int descriptor, long bytes) throws NoRingException {
        int opened;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/proc/%d/fd/%d".formatted(process, descriptor));
            opened = (int) call(() -> (int) open.invokeExact(path, OPEN_FLAGS));
        }
        if (opened < 0) {
            throw new NoRingException("process %d shows no memory here".formatted(process));
        }
        // Where systems forbid executable memory there is a seal more.
        long seals = call(() -> (int) control.invokeExact(opened, GET_SEALS, 0));
        if (seals < 0 || (seals & SEALS) != SEALS) {
            close(opened);
            throw new NoRingException("what process %d shows is not sealed memory".formatted(process));
        }
        long found = call(() -> (long) seek.invokeExact(opened, 0L, FROM_END));
        if (found != bytes) {
            close(opened);
            throw new NoRingException(
                    "what process %d shows has %d bytes instead of %d".formatted(process, found, bytes));
        }
        return opened;
    }

    /// The memory, for as long as somebody refers to it.
    MemorySegment map(int descriptor, long bytes) throws NoRingException {
        long address = call(() -> (long) map.invokeExact(0L, bytes, READ_AND_WRITE, SHARED, descriptor, 0L));
        if (address == MAP_FAILED) {
            throw new NoRingException("%d bytes cannot be mapped".formatted(bytes));
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes, Arena.ofAuto(), this::unmap);
    }

    private void unmap(MemorySegment mapped) {
        long ignored = call(() -> (int) unmap.invokeExact(mapped.address(), mapped.byteSize()));
    }

    void close(int descriptor) {
        long ignored = call(() -> (int) close.invokeExact(descriptor));
    }
}
