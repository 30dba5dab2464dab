package dev.millrace.worker.kernel.cuda.driver;

/// A run of device memory, aligned to 256 bytes. What is in it at first is not defined.
public final class DeviceArray extends Handle {

    private final long bytes;

    /// @param purpose for the message where there is not enough
    public DeviceArray(Driver driver, long bytes, String purpose) {
        super(driver, allocate(driver, bytes, purpose));
        this.bytes = bytes;
    }

    private static long allocate(Driver driver, long bytes, String purpose) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("%d bytes of device memory for %s".formatted(bytes, purpose));
        }
        try {
            return driver.allocate(bytes);
        } catch (CudaException e) {
            throw e.during(purpose);
        }
    }

    /// On the device.
    public long address() {
        return value();
    }

    public long bytes() {
        return bytes;
    }

    @Override
    void release(long last) {
        driver.free(last);
    }
}
