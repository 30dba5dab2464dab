package dev.millrace.worker.kernel.cuda.driver;

/// The primary context of a device: what everything else on that device belongs to.
public final class Context extends Handle {

    private final int ordinal;

    /// Takes it and makes it current on this thread.
    public Context(Driver driver, int ordinal) {
        super(driver, driver.retainContext(ordinal));
        this.ordinal = ordinal;
        try {
            makeCurrent();
        } catch (CudaException e) {
            driver.releaseContext(ordinal);
            throw e;
        }
    }

    /// For the driver's calls.
    public long handle() {
        return value();
    }

    /// Later calls of this thread go to this device.
    public void makeCurrent() {
        driver.makeCurrent(value());
    }

    @Override
    void release(long last) {
        driver.releaseContext(ordinal);
    }
}
