package dev.millrace.worker.config;

import dev.millrace.worker.bench.MemoryRead;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Measures how fast memory is read, which is the floor under decoding: every token needs every weight.
@Command(name = "bandwidth", description = "Measures how fast memory is read from front to back.")
final class BandwidthBench implements Callable<Integer> {

    private static final int RUNS = 10;
    private static final int MOST_MEBIBYTES = 3072;
    private static final long MEBIBYTE = 1 << 20;

    @Mixin
    private CpuOptions cpuOptions = new CpuOptions();

    @Option(
            names = "--mebibytes",
            paramLabel = "N",
            defaultValue = "1024",
            description = "How much is read, all threads together (${DEFAULT-VALUE}).")
    private int mebibytes;

    @Option(names = "--json", description = "A JSON object instead of a line of text.")
    private boolean json;

    @Override
    public Integer call() throws StartException, InterruptedException {
        int threads = cpuOptions.settings().threads();
        ModelBench.check("--mebibytes", mebibytes, 1, MOST_MEBIBYTES);
        double bytesPerSecond;
        try {
            bytesPerSecond = new MemoryRead(threads, mebibytes * MEBIBYTE).bytesPerSecond(RUNS);
        } catch (OutOfMemoryError e) {
            throw new StartException("there is no room for " + mebibytes + " MiB");
        }
        System.out.printf(
                Locale.ROOT,
                json
                        ? "{\"threads\": %d, \"mebibytes\": %d, \"bytes_per_second\": %.0f}%n"
                        : "%d threads read %d MiB at %3$.2f GB/s%n",
                threads,
                mebibytes,
                json ? bytesPerSecond : bytesPerSecond / 1e9);
        return 0;
    }
}
