package dev.millrace.worker.kernel.cuda.driver;

/// Something of the driver's that has to be given back, by the thread that made it. Closing again does nothing.
public abstract sealed class Handle implements AutoCloseable
        permits Context, DeviceArray, Event, Graph, Module, PinnedBuffer, Stream {

    private static final long CLOSED = 0;

    final Driver driver;
    private long value;

    Handle(Driver driver, long value) {
        this.driver = driver;
        this.value = value;
    }

    /// What the driver knows it by.
    final long value() {
        if (value == CLOSED) {
            throw new IllegalStateException(getClass().getSimpleName() + " is used after it was closed");
        }
        return value;
    }

    final boolean isClosed() {
        return value == CLOSED;
    }

    /// Gives it back.
    abstract void release(long last);

    @Override
    public final void close() {
        long last = value;
        if (last != CLOSED) {
            value = CLOSED;
            release(last);
        }
    }
}
