package dev.millrace.cli.device;

import java.util.List;

/// A device that NVIDIA's driver shows.
///
/// @param ordinal its number in the driver's count
/// @param name as NVIDIA sells it
/// @param capability its compute capability, `9.0`
/// @param totalBytes of its memory
/// @param freeBytes that nobody has taken
/// @param refusal why it cannot be used, with what would be needed; empty where it can
/// @param others that have memory of it
public record CudaDevice(
        int ordinal,
        String name,
        String capability,
        long totalBytes,
        long freeBytes,
        String refusal,
        List<DeviceUser> others) {
    public CudaDevice {
        others = List.copyOf(others);
    }

    public boolean isUsable() {
        return refusal.isEmpty();
    }

    public Place place() {
        return Place.cuda(ordinal);
    }
}
