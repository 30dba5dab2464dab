package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.StageOrder;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.proto.v1.WorkerHello;

/// A registered worker; used on the service loop only.
final class Worker {
    private final WorkerHello hello;
    private final WorkerConnection connection;
    private long lastSignNanos;
    private StageStatistics statistics = StageStatistics.getDefaultInstance();
    private String progress = "";
    private int lastStage = -1;
    private int failures;

    Worker(WorkerHello hello, WorkerConnection connection, long nowNanos) {
        this.hello = hello;
        this.connection = connection;
        lastSignNanos = nowNanos;
    }

    String id() {
        return hello.getWorkerId();
    }

    String address() {
        return hello.getAddress();
    }

    WorkerHello hello() {
        return hello;
    }

    WorkerConnection connection() {
        return connection;
    }

    void send(StageOrder order) {
        connection.send(order);
    }

    /// Any message is a sign of life.
    void sign(long nowNanos) {
        lastSignNanos = nowNanos;
    }

    long lastSignNanos() {
        return lastSignNanos;
    }

    void statistics(StageStatistics latest) {
        statistics = latest;
    }

    StageStatistics statistics() {
        return statistics;
    }

    /// How far it is with its stage, in its words.
    void progress(String words) {
        progress = words;
    }

    String progress() {
        return progress;
    }

    /// The stage that it held last and whose weights it may still have, or -1.
    int lastStage() {
        return lastStage;
    }

    void assigned(int stage) {
        lastStage = stage;
    }

    /// How often it could not hold a stage; others are taken first.
    int failures() {
        return failures;
    }

    void failed() {
        failures++;
    }
}
