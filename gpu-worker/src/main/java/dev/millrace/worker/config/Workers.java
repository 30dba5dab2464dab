package dev.millrace.worker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The workers of a process, one for each of its devices.
final class Workers implements AutoCloseable {

    private final List<Worker> workers = new ArrayList<>();
    private final CompletableFuture<String> deviceLost = new CompletableFuture<>();

    private Workers() {}

    /// Starts all of them.
    ///
    /// @throws StartException when one of them cannot start, and why; nothing is left behind then
    static Workers start(List<WorkerSettings> settings) throws StartException {
        Workers started = new Workers();
        Neighbours neighbours = new Neighbours(settings.size());
        boolean complete = false;
        try {
            for (WorkerSettings each : settings) {
                Worker worker = Worker.start(each, neighbours);
                started.workers.add(worker);
                worker.deviceLost().thenAccept(started.deviceLost::complete);
            }
            complete = true;
            return started;
        } finally {
            if (!complete) {
                started.close();
            }
        }
    }

    List<Worker> all() {
        return workers;
    }

    /// Is completed, with its description, when one of the devices answers nothing any more.
    CompletableFuture<String> deviceLost() {
        return deviceLost;
    }

    @Override
    public void close() {
        workers.forEach(Worker::close);
    }
}
