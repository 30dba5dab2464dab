package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Memory by address. What C2 knows of this segment, that it is always there and ends nowhere, leaves nothing to check
/// at an access, which otherwise costs inner loops a third of their time; whoever calls a kernel has checked its ranges
/// and keeps the memory alive.
final class Raw {

    /// All of it, from address 0 on.
    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(Lanes.ORDER);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(Lanes.ORDER);

    private Raw() {}

    static FloatVector floats(long address) {
        return Load.floats(MEMORY, address);
    }

    static IntVector ints(long address) {
        return Load.ints(MEMORY, address);
    }

    /// The value in all lanes.
    static FloatVector broadcast(long address) {
        return Load.broadcast(get(address));
    }

    static float get(long address) {
        return MEMORY.get(FLOAT, address);
    }

    /// Whole vectors of zeros; filling a slice would leave that slice behind as garbage.
    static void zero(long address, long bytes) {
        for (long at = address; at < address + bytes; at += Lanes.COUNT * Float.BYTES) {
            set(at, Load.zero());
        }
    }

    static int bits(long address) {
        return MEMORY.get(INT, address);
    }

    static void setBits(long address, int value) {
        MEMORY.set(INT, address, value);
    }

    static void set(long address, float value) {
        MEMORY.set(FLOAT, address, value);
    }

    static void set(long address, FloatVector vector) {
        vector.intoMemorySegment(MEMORY, address, Lanes.ORDER);
    }

    static void set(long address, IntVector vector) {
        vector.intoMemorySegment(MEMORY, address, Lanes.ORDER);
    }

    /// Sets what a loop has carried, which therefore must not be a receiver.
    static void setSum(long address, FloatVector sum) {
        set(address, Load.zero().add(sum));
    }
}
