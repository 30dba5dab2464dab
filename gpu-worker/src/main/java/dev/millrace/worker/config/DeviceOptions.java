package dev.millrace.worker.config;

import dev.millrace.worker.kernel.cuda.CudaDevices;
import dev.millrace.worker.kernel.cuda.FoundDevice;
import java.util.ArrayList;
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
                    + " first is 0), cuda:0,1 (these, each as a worker of its own in one process) or auto, cuda where"
                    + " there is one that can be used and cpu otherwise (MILLRACE_DEVICE, ${DEFAULT-VALUE}).")
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

    /// The devices that are asked for; more than one where they are listed.
    ///
    /// @param note as in [#settings]
    /// @throws StartException as [#settings], also when only one of them cannot be used
    List<DeviceSettings> all(Consumer<String> note) throws StartException {
        DeviceChoice choice = DeviceChoice.of(device);
        if (choice.ordinals().size() < 2) {
            return List.of(settings(note));
        }
        CudaDevices there = CudaDevices.find();
        List<DeviceSettings> all = new ArrayList<>();
        for (int ordinal : choice.ordinals()) {
            all.add(cuda(there, List.of(ordinal)));
        }
        return all;
    }

    /// The device that is asked for.
    ///
    /// @param note takes one line that says why the CPU computes, where nobody asked for it
    /// @throws StartException when it cannot be used, with what is there or needed
    DeviceSettings settings(Consumer<String> note) throws StartException {
        DeviceChoice choice = DeviceChoice.of(device);
        if (choice.ordinals().size() > 1) {
            throw new StartException("--device is \"" + device + "\", but one device is wanted here");
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
