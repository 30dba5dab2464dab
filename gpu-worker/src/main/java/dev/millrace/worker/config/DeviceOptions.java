package dev.millrace.worker.config;

import picocli.CommandLine.Option;

/// The options that choose a device, the same for every process that has one.
final class DeviceOptions {

    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "${env:MILLRACE_THREADS:-0}",
            description = "Threads that compute, 0 for one a processor (MILLRACE_THREADS, ${DEFAULT-VALUE}).")
    private int threads;

    DeviceSettings settings() throws StartException {
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            throw new StartException("Java has to be started with --add-modules " + VECTOR_MODULE);
        }
        if (threads < 0) {
            throw new StartException("--threads is " + threads + ", which is out of range");
        }
        return new DeviceSettings(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
    }
}
