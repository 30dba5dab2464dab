package dev.millrace.worker.engine;

import dev.millrace.worker.kernel.DeviceThread;
import java.time.Duration;

/// What an engine or a stage runner does on the thread of its device: others start it, wake it, and end it with a
/// deadline.
final class EngineThread {

    private final DeviceThread.Occupation occupation;
    private volatile boolean started;
    private volatile boolean stopping;

    EngineThread(DeviceThread device, String name, Runnable body) {
        occupation = device.occupation(name, body);
    }

    void start() {
        started = true;
        occupation.start();
    }

    /// Ends a [#park], the one under way or the next one. From any thread.
    void wake() {
        occupation.wake();
    }

    /// Waits until woken, at most that long; may return early. Called by the body.
    void park(long nanoseconds) {
        occupation.park(nanoseconds);
    }

    boolean wasStarted() {
        return started;
    }

    boolean isStopping() {
        return stopping;
    }

    /// Asks the body to return and waits for it.
    ///
    /// @return true when it has returned, was never started, or is the caller
    boolean stop(Duration deadline) {
        stopping = true;
        wake();
        return !started || occupation.await(deadline);
    }
}
