package dev.millrace.worker.config;

import dev.millrace.worker.kernel.cuda.CudaDevices;
import dev.millrace.worker.kernel.cuda.FoundDevice;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that choose a device, the same for every process that computes on one.
final class DeviceOptions {

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "${env:MILLRACE_DEVICE:-auto}",
            description = "What computes: cpu, cuda (the NVIDIA device with most free memory), cuda:K (that one; the"
                    + " first is 0) or auto, cuda where there is one that can be used and cpu otherwise"
                    + " (MILLRACE_DEVICE, ${DEFAULT-VALUE}).")
    private String device = "";

    @Option(
            names = "--cuda-graphs",
            arity = "1",
            paramLabel = "true|false",
            defaultValue = "${env:MILLRACE_CUDA_GRAPHS:-true}",
            description = "Whether a CUDA device is given a step that comes again as one graph instead of kernel by"
                    + " kernel (MILLRACE_CUDA_GRAPHS, ${DEFAULT-VALUE}).")
    private boolean cudaGraphs;

    @Mixin
    private CpuOptions cpu = new CpuOptions();

    /// The device that is asked for.
    ///
    /// @param note takes one line that says why the CPU computes, where nobody asked for it
    /// @throws StartException when it cannot be used, with what is there or needed
    DeviceSettings settings(Consumer<String> note) throws StartException {
        DeviceChoice choice = DeviceChoice.of(device);
        if (choice.ordinals().size() > 1) {
            throw new StartException("--device is \"" + device + "\", but a worker computes on one device; start one"
                    + " worker for each of these");
        }
        return switch (choice.kind()) {
            case CPU -> cpu.settings();
            case CUDA -> cuda(CudaDevices.find(), choice.ordinals());
            case AUTO -> best(CudaDevices.find(), note);
        };
    }

    /// The CPU, whatever is asked for.
    DeviceSettings cpu() throws StartException {
        return cpu.settings();
    }

    private DeviceSettings best(CudaDevices there, Consumer<String> note) throws StartException {
        if (there.missing().isEmpty()) {
            return cuda(there, List.of());
        }
        note.accept("The CPU computes, no CUDA device can: " + there.missing());
        return cpu.settings();
    }

    private DeviceSettings cuda(CudaDevices there, List<Integer> ordinals) throws StartException {
        cpu.check();
        try {
            FoundDevice found =
                    ordinals.isEmpty() ? there.freest() : there.choose(ordinals).getFirst();
            return new DeviceSettings.Cuda(found, cudaGraphs);
        } catch (IllegalArgumentException e) {
            throw new StartException("--device " + device + ": " + e.getMessage());
        }
    }
}
