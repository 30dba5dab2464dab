package dev.millrace.worker.kernel.cuda.driver;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// NVIDIA's management library, which comes with the driver: it knows who else is on a device. Where it is absent or
/// does not tell, nothing is lost but names.
public final class Nvml {

    private static final String NAME = "libnvidia-ml.so.1";
    private static final int MOST_PROCESSES = 256;
    private static final int NAME_BYTES = 512;
    private static final int SUCCESS = 0;

    /// Pid, 4 bytes of padding, bytes (all ones where it is not told), two numbers of partitions.
    private static final long PROCESS_BYTES = 24;

    private static final long BYTES_AT = 8;

    /// Drivers 535.43 to 535.86 write 8 bytes more for each, which makes nonsense of the second one and those behind.
    private static final long MOST_PROCESS_BYTES = 32;

    private static final Path PROCESSES = Path.of("/proc");

    /// The first namespace of a system has the same number on each.
    private static final String ALL_PROCESSES = "pid:[4026531836]";

    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private Nvml() {}

    /// What is asked of a device.
    private interface Question<T> {
        T ask(SymbolLookup library, Arena arena, MemorySegment device);
    }

    /// Who has memory of the device besides this process, most first.
    public static List<OtherProcess> others(DeviceFacts device) {
        return ask(device, Nvml::others).orElseGet(List::of);
    }

    /// The device's memory, without taking any; empty where that is not told.
    public static Optional<MemoryInfo> memory(DeviceFacts device) {
        return ask(device, Nvml::memory).flatMap(told -> told);
    }

    private static <T> Optional<T> ask(DeviceFacts facts, Question<T> question) {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup library = open();
            if (call(library, "nvmlInit_v2") != SUCCESS) {
                return Optional.empty();
            }
            try {
                MemorySegment device = arena.allocate(POINTER);
                int found =
                        call(library, "nvmlDeviceGetHandleByPciBusId_v2", arena.allocateFrom(facts.pciBus()), device);
                return found == SUCCESS
                        ? Optional.of(question.ask(library, arena, device.get(POINTER, 0)))
                        : Optional.empty();
            } finally {
                call(library, "nvmlShutdown");
            }
        } catch (IllegalArgumentException e) {
            // There is no such library, or it is an old one that lacks a function.
            return Optional.empty();
        }
    }

    /// It stays: unloading a driver's library with each question is asking for trouble.
    private static SymbolLookup open() {
        Optional<String> driver = DriverLibrary.file();
        return driver.isPresent()
                ? SymbolLookup.libraryLookup(Path.of(driver.get()).resolveSibling(NAME), Arena.global())
                : SymbolLookup.libraryLookup(NAME, Arena.global());
    }

    private static Optional<MemoryInfo> memory(SymbolLookup library, Arena arena, MemorySegment device) {
        MemorySegment totalFreeUsed = arena.allocate(ValueLayout.JAVA_LONG, 3);
        return call(library, "nvmlDeviceGetMemoryInfo", device, totalFreeUsed) == SUCCESS
                ? Optional.of(new MemoryInfo(
                        totalFreeUsed.getAtIndex(ValueLayout.JAVA_LONG, 1),
                        totalFreeUsed.getAtIndex(ValueLayout.JAVA_LONG, 0)))
                : Optional.empty();
    }

    private static List<OtherProcess> others(SymbolLookup library, Arena arena, MemorySegment device) {
        MemorySegment count = arena.allocateFrom(INT, MOST_PROCESSES);
        MemorySegment processes = arena.allocate(MOST_PROCESS_BYTES * MOST_PROCESSES, Long.BYTES);
        if (call(library, "nvmlDeviceGetComputeRunningProcesses_v3", device, count, processes) != SUCCESS) {
            return List.of();
        }
        List<OtherProcess> others = new ArrayList<>();
        long own = ProcessHandle.current().pid();
        // In a container, the driver may know this very process by a number that is not seen here.
        boolean seesAll = seesAllProcesses();
        for (long at = 0; at < PROCESS_BYTES * count.get(INT, 0); at += PROCESS_BYTES) {
            int pid = processes.get(INT, at);
            if (pid != own && (seesAll || Files.exists(PROCESSES.resolve(Integer.toString(pid))))) {
                long bytes = Math.max(0, processes.get(ValueLayout.JAVA_LONG, at + BYTES_AT));
                others.add(new OtherProcess(pid, bytes, name(library, arena, pid)));
            }
        }
        others.sort(Comparator.comparingLong(OtherProcess::bytes).reversed());
        return others;
    }

    private static boolean seesAllProcesses() {
        try {
            return Files.readSymbolicLink(PROCESSES.resolve("self/ns/pid"))
                    .toString()
                    .equals(ALL_PROCESSES);
        } catch (IOException e) {
            return false;
        }
    }

    private static String name(SymbolLookup library, Arena arena, int pid) {
        MemorySegment name = arena.allocate(NAME_BYTES);
        FunctionDescriptor descriptor = FunctionDescriptor.of(INT, INT, POINTER, INT);
        try {
            int code = (int)
                    function(library, "nvmlSystemGetProcessName", descriptor).invokeExact(pid, name, NAME_BYTES);
            return code == SUCCESS ? name.getString(0) : "";
        } catch (Throwable e) {
            throw refused("nvmlSystemGetProcessName", e);
        }
    }

    private static int call(SymbolLookup library, String name, MemorySegment... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        Arrays.fill(layouts, POINTER);
        try {
            return (int) function(library, name, FunctionDescriptor.of(INT, layouts))
                    .invokeWithArguments((Object[]) arguments);
        } catch (Throwable e) {
            throw refused(name, e);
        }
    }

    private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor descriptor) {
        MemorySegment address =
                library.find(name).orElseThrow(() -> new IllegalArgumentException(NAME + " has no " + name));
        return Linker.nativeLinker().downcallHandle(address, descriptor);
    }

    private static IllegalArgumentException refused(String name, Throwable cause) {
        return cause instanceof IllegalArgumentException known
                ? known
                : new IllegalArgumentException(name + " cannot be called", cause);
    }
}
