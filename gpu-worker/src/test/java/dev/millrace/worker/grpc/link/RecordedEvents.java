package dev.millrace.worker.grpc.link;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Keeps what a link tells, as words.
final class RecordedEvents implements LinkEvents {

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void linked() {
        events.add("linked");
    }

    @Override
    public void failed(String reason) {
        events.add("failed: " + reason);
    }

    @Override
    public void lost(String reason) {
        events.add("lost: " + reason);
    }

    /// The next event; waits for it.
    String next() throws InterruptedException {
        String event = events.poll(20, TimeUnit.SECONDS);
        return event == null ? "nothing within 20 s" : event;
    }

    boolean isEmpty() {
        return events.isEmpty();
    }
}
