package dev.millrace.worker.kernel.cuda;

import java.util.List;

/// What a device does at best, measured on it ([CudaMeter]).
///
/// @param device as NVIDIA sells it
/// @param capability its compute capability
/// @param cudaVersion the newest that its driver supports: `13.0`
/// @param processors streaming multiprocessors
/// @param totalBytes of its memory
/// @param l2Bytes of its L2 cache
/// @param readBytes that were read at once, to measure the next
/// @param readBytesPerSecond how fast memory is read from front to back: the roof over decoding
/// @param launches what launches cost, by the way they are made
/// @param copies between pinned memory and the device, by size
/// @param loads what the driver needed for each of the files with kernels, by name
public record CudaFigures(
        String device,
        String capability,
        String cudaVersion,
        int processors,
        long totalBytes,
        long l2Bytes,
        long readBytes,
        double readBytesPerSecond,
        List<Launch> launches,
        List<Copy> copies,
        List<Load> loads) {

    public CudaFigures {
        launches = List.copyOf(launches);
        copies = List.copyOf(copies);
        loads = List.copyOf(loads);
    }

    /// A launch of a kernel that does nothing.
    ///
    /// @param how it is made
    /// @param hostMicros of the host's thread for each launch
    /// @param deviceMicros from one kernel to the next on the device
    public record Launch(String how, double hostMicros, double deviceMicros) {}

    /// Copies of one size.
    ///
    /// @param upMicros until a copy to the device is waited for, as a step waits
    /// @param downMicros the same from the device
    /// @param upBytesPerSecond of copies one behind the other
    /// @param downBytesPerSecond the same from the device
    public record Copy(
            long bytes, double upMicros, double downMicros, double upBytesPerSecond, double downBytesPerSecond) {}

    /// Compiling a file, or finding it compiled.
    public record Load(String file, double millis) {}

    /// All files together.
    public double loadMillis() {
        return loads.stream().mapToDouble(Load::millis).sum();
    }
}
