package dev.millrace.worker.config;

import dev.millrace.worker.kernel.cpu.CpuKernels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/// How the CPU computes, where it does; of no meaning to other devices.
final class CpuOptions {

    private static final Logger LOG = LoggerFactory.getLogger(CpuOptions.class);
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "${env:MILLRACE_THREADS:-0}",
            description = "Threads that compute, 0 for one a processor (MILLRACE_THREADS, ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--threads-alone",
            defaultValue = "${env:MILLRACE_THREADS_ALONE:-0}",
            description = "Threads that compute while no other stage has a step, where stages share a machine; 0 for as"
                    + " many as --threads (MILLRACE_THREADS_ALONE, ${DEFAULT-VALUE}).")
    private int threadsAlone;

    @Option(
            names = "--cpu-kernels",
            paramLabel = "KERNELS",
            defaultValue = "${env:MILLRACE_CPU_KERNELS:-auto}",
            description = "Which kernels multiply weights: vector (Java's Vector API), native (in C) or auto,"
                    + " the faster ones that are there (MILLRACE_CPU_KERNELS, ${DEFAULT-VALUE}).")
    private String cpuKernels = "";

    DeviceSettings.Cpu settings() throws StartException {
        check();
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            throw new StartException("Java has to be started with --add-modules " + VECTOR_MODULE);
        }
        int computing = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        return new DeviceSettings.Cpu(computing, Math.max(computing, threadsAlone), kernels());
    }

    /// Refuses what makes no sense, whether or not the CPU is to compute.
    void check() throws StartException {
        if (threads < 0 || threadsAlone < 0) {
            throw new StartException("--threads is " + threads + " and --threads-alone " + threadsAlone
                    + ", of which one is out of range");
        }
    }

    private CpuKernels kernels() throws StartException {
        CpuKernels kernels = switch (cpuKernels) {
            case "auto" -> CpuKernels.AUTO;
            case "vector" -> CpuKernels.VECTOR;
            case "native" -> CpuKernels.NATIVE;
            default ->
                throw new StartException(
                        "--cpu-kernels is \"" + cpuKernels + "\"; it has to be auto, vector or native");
        };
        String missing = CpuKernels.whyNotNative();
        if (kernels == CpuKernels.NATIVE && missing != null) {
            throw new StartException("--cpu-kernels native: there are no native kernels here: " + missing);
        }
        if (kernels == CpuKernels.AUTO && missing != null) {
            LOG.info("no native kernels, the Vector API serves: {}", missing);
        }
        return kernels;
    }
}
