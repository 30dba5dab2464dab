package dev.millrace.worker.config;

import dev.millrace.worker.bench.DeviceReport;
import dev.millrace.worker.kernel.cuda.CudaFigures;
import dev.millrace.worker.kernel.cuda.CudaMeter;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures what a CUDA device does at best, without a model: the roof over decoding, and what steps cost beside it.
@Command(
        name = "device",
        description = "Measures a CUDA device: how fast it reads its memory, what launches and copies cost.")
final class DeviceBench implements Callable<Integer> {

    private static final Pattern DEVICE = Pattern.compile("cuda(?::(\\d{1,4}))?");
    private static final long MEBIBYTE = 1 << 20;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "${env:MILLRACE_DEVICE:-cuda:0}",
            description = "Which one: cuda:0, cuda:1, ... (MILLRACE_DEVICE, ${DEFAULT-VALUE}).")
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
        DeviceReport report = new DeviceReport(measure(ordinal()));
        System.out.print(json ? report.json() + System.lineSeparator() : report.text());
        return 0;
    }

    private int ordinal() throws StartException {
        Matcher named = DEVICE.matcher(device);
        if (!named.matches()) {
            throw new StartException("--device is " + device + "; a CUDA device is measured: cuda:0, for example");
        }
        return named.group(1) == null ? 0 : Integer.parseInt(named.group(1));
    }

    private CudaFigures measure(int ordinal) throws StartException {
        try {
            return CudaMeter.measure(ordinal, mebibytes * MEBIBYTE);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        }
    }
}
