package dev.millrace.worker.kernel.cuda.driver;

/// An order of work on the device.
public final class Stream extends Handle {

    public Stream(Driver driver) {
        super(driver, driver.createStream());
    }

    /// For the driver's calls.
    public long handle() {
        return value();
    }

    /// Waits until everything on it is done.
    public void synchronize() {
        driver.synchronize(value());
    }

    /// What comes later on this stream waits for `event`.
    public void waitFor(Event event) {
        driver.waitFor(value(), event.handle());
    }

    /// What is put on it from now on is recorded instead of done, until [#endCapture] or [#dropCapture]. Allocating,
    /// loading modules, waiting and copying outside of the stream are not allowed meanwhile.
    public void beginCapture() {
        driver.beginCapture(value());
    }

    /// What was recorded, ready to be launched. Argument values and addresses are recorded as they were.
    public Graph endCapture() {
        long recorded = driver.endCapture(value());
        try {
            return new Graph(driver, driver.instantiate(recorded));
        } finally {
            driver.destroyGraph(recorded);
        }
    }

    /// Forgets what was recorded, after something failed meanwhile.
    public void dropCapture() {
        long recorded;
        try {
            recorded = driver.endCapture(value());
        } catch (CudaException e) {
            // A recording that broke ends with an error and leaves nothing.
            return;
        }
        driver.destroyGraph(recorded);
    }

    @Override
    void release(long last) {
        driver.destroyStream(last);
    }
}
