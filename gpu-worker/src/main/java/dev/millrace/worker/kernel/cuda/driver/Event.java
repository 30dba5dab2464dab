package dev.millrace.worker.kernel.cuda.driver;

/// A mark in a stream.
public final class Event extends Handle {

    /// @param timing whether [#millisSince] is to be asked
    public Event(Driver driver, boolean timing) {
        super(driver, driver.createEvent(timing));
    }

    /// For the driver's calls.
    long handle() {
        return value();
    }

    /// Marks what is on `stream` so far; the mark before is forgotten.
    public void record(Stream stream) {
        driver.record(value(), stream.handle());
    }

    /// Whether everything before the mark is done; never waits.
    public boolean isOver() {
        return driver.isOver(value());
    }

    /// Waits for that.
    public void await() {
        driver.await(value());
    }

    /// Milliseconds on the device from `start`'s mark to this one, both done.
    public float millisSince(Event start) {
        return driver.millisBetween(start.value(), value());
    }

    @Override
    void release(long last) {
        driver.destroyEvent(last);
    }
}
