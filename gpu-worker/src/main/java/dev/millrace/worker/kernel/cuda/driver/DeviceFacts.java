package dev.millrace.worker.kernel.cuda.driver;

/// What a device is.
///
/// @param ordinal its number among the devices that the driver shows to this process
/// @param name as NVIDIA sells it
/// @param uuid 32 hexadecimal digits, the same in every process; empty where the driver has none
/// @param pciBus domain:bus:device.function; empty where the driver has none
/// @param major of its compute capability
/// @param minor of its compute capability
/// @param processors streaming multiprocessors
/// @param totalBytes of its memory
/// @param sharedOptInBytes shared memory that a block may ask for
/// @param l2Bytes of its L2 cache
public record DeviceFacts(
        int ordinal,
        String name,
        String uuid,
        String pciBus,
        int major,
        int minor,
        int processors,
        long totalBytes,
        int sharedOptInBytes,
        int l2Bytes) {

    /// As NVIDIA writes it: `8.0`.
    public String capability() {
        return major + "." + minor;
    }
}
