package dev.millrace.worker.config;

import dev.millrace.worker.bench.DeviceReport;
import dev.millrace.worker.kernel.cuda.CudaDevices;
import dev.millrace.worker.kernel.cuda.CudaFigures;
import dev.millrace.worker.kernel.cuda.CudaMeter;
import dev.millrace.worker.kernel.cuda.FoundDevice;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures what a CUDA device does at best, without a model: the roof over decoding, and what steps cost beside it.
@Command(
        name = "device",
        description = "Measures a CUDA device: how fast it reads its memory, what launches and copies cost.")
final class DeviceBench implements Callable<Integer> {

    private static final long MEBIBYTE = 1 << 20;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "${env:MILLRACE_DEVICE:-cuda}",
            description = "Which one: cuda (that with most free memory), cuda:0, cuda:1, ..."
                    + " (MILLRACE_DEVICE, ${DEFAULT-VALUE}).")
    private String device = "";

    @Option(
            names = "--mebibytes",
            paramLabel = "N",
            defaultValue = "0",
            description = "How much memory is read at once, 0 for 32 times the L2 cache (${DEFAULT-VALUE}).")
    private int mebibytes;

    @Option(names = "--json", description = "A JSON object instead of tables.")
    private boolean json;

    @Override
    public Integer call() throws StartException {
        ModelBench.check("--mebibytes", mebibytes, 0, 1 << 20);
        DeviceReport report = new DeviceReport(measure(chosen()));
        System.out.print(json ? report.json() + System.lineSeparator() : report.text());
        return 0;
    }

    private FoundDevice chosen() throws StartException {
        DeviceChoice choice = DeviceChoice.of(device);
        if (choice.kind() == DeviceChoice.Kind.CPU || choice.ordinals().size() > 1) {
            throw new StartException(
                    "--device is \"" + device + "\"; one CUDA device is measured: cuda:0, for example");
        }
        try {
            CudaDevices there = CudaDevices.find();
            return choice.ordinals().isEmpty()
                    ? there.freest()
                    : there.choose(choice.ordinals()).getFirst();
        } catch (IllegalArgumentException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        }
    }

    private CudaFigures measure(FoundDevice found) throws StartException {
        try {
            return CudaMeter.measure(found, mebibytes * MEBIBYTE);
        } catch (IllegalStateException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        }
    }
}
