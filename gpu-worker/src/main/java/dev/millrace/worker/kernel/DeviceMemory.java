package dev.millrace.worker.kernel;

import dev.millrace.gguf.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// What one stage holds on a device. A handle that is made here is used with the [Operations] of this memory alone and
/// lives until it is closed.
public interface DeviceMemory extends AutoCloseable {

    /// A weight matrix in the device's own layout, taken over from `data` with its rows one after another as GGUF has
    /// them. `data` is not needed afterwards.
    Matrix matrix(TensorType type, int rows, int columns, MemorySegment data);

    /// `[n] f32`, taken over from `values`.
    DeviceVector vector(float[] values);

    /// `[rows of a step, columns] f32`, to be written by operations.
    DeviceBuffer buffer(Rows rows, int columns);

    /// Keys and values of all KV blocks of `layers` layers. Their memory may be only reserved until [#takeReserved].
    KvCache kvCache(int layers, int kvHeads, int headSize);

    /// Angles for rotary positions.
    RopeTable ropeTable(RopeFrequencies frequencies);

    /// The operations over this memory. To be called once, when everything else is allocated: what they need beside it
    /// depends on that.
    Operations operations();

    /// Room for the rows `[T, columns] f32` of several steps that come from other devices of this process. Empty where
    /// rows
    /// come from the system's memory, or where there is no memory for it.
    ///
    /// @param slots steps whose rows are there at the same time
    default Optional<RowSlots> rowSlots(int slots, int columns) {
        return Optional.empty();
    }

    /// Takes some of the memory that is only reserved so far: a few milliseconds' work. Another thread may call it
    /// while
    /// operations run, and after closing.
    ///
    /// @return whether there is more
    default boolean takeReserved() {
        return false;
    }

    /// Leaves the weights where a later start finds them, unless they are there or that does not pay. Another thread
    /// may
    /// call it while operations run; closing ends it.
    ///
    /// @return whether they were written
    /// @throws IOException when they cannot be written
    default boolean keepPacked() throws IOException {
        return false;
    }

    /// What is allocated so far.
    MemoryUse use();

    @Override
    void close();
}
