package dev.millrace.worker.bench;

import dev.millrace.worker.kernel.cuda.CudaFigures;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What was measured on a device, as tables for people or as one JSON object.
public final class DeviceReport {

    private static final double MEBIBYTE = 1 << 20;

    private final CudaFigures figures;

    public DeviceReport(CudaFigures figures) {
        this.figures = figures;
    }

    /// Lines, each with its end.
    public String text() {
        StringBuilder text = new StringBuilder();
        add(
                text,
                "%s: capability %s, driver for CUDA %s, %d processors, %.0f MiB, L2 cache of %.0f MiB%n%n",
                figures.device(),
                figures.capability(),
                figures.cudaVersion(),
                figures.processors(),
                figures.totalBytes() / MEBIBYTE,
                figures.l2Bytes() / MEBIBYTE);
        add(
                text,
                "reads its memory at %.1f GB/s, %.0f MiB at once%n",
                figures.readBytesPerSecond() / 1e9,
                figures.readBytes() / MEBIBYTE);
        add(
                text,
                "compiles %d files of kernels in %.0f ms, or finds them compiled%n%n",
                figures.loads().size(),
                figures.loadMillis());
        add(text, "| %-22s | %12s | %14s |%n", "launch", "us of host", "us on device");
        add(text, "| %-22s | %12s | %14s |%n", "---", "---", "---");
        for (CudaFigures.Launch launch : figures.launches()) {
            add(text, "| %-22s | %12.2f | %14.2f |%n", launch.how(), launch.hostMicros(), launch.deviceMicros());
        }
        add(text, "%n| %12s | %10s | %10s | %10s | %10s |%n", "copy, bytes", "us up", "us down", "GB/s up", "GB/s down");
        add(text, "| %12s | %10s | %10s | %10s | %10s |%n", "---", "---", "---", "---", "---");
        for (CudaFigures.Copy copy : figures.copies()) {
            add(
                    text,
                    "| %12d | %10.1f | %10.1f | %10.3f | %10.3f |%n",
                    copy.bytes(),
                    copy.upMicros(),
                    copy.downMicros(),
                    copy.upBytesPerSecond() / 1e9,
                    copy.downBytesPerSecond() / 1e9);
        }
        return text.toString();
    }

    private static void add(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }

    /// One line without its end.
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"device\": \"%s\", \"capability\": \"%s\", \"cuda\": \"%s\", \"processors\": %d, \"total_bytes\": %d, "
                        + "\"l2_bytes\": %d, \"read_bytes\": %d, \"read_bytes_per_second\": %.0f, \"launches\": %s, "
                        + "\"copies\": %s, \"load_milliseconds\": %.1f, \"loads\": %s}",
                figures.device().replaceAll("[\\\\\"\\p{Cntrl}]", "?"),
                figures.capability(),
                figures.cudaVersion(),
                figures.processors(),
                figures.totalBytes(),
                figures.l2Bytes(),
                figures.readBytes(),
                figures.readBytesPerSecond(),
                list(figures.launches(), DeviceReport::json),
                list(figures.copies(), DeviceReport::json),
                figures.loadMillis(),
                list(figures.loads(), DeviceReport::json));
    }

    private static <T> String list(List<T> values, Function<T, String> json) {
        return values.stream().map(json).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String json(CudaFigures.Launch launch) {
        return String.format(
                Locale.ROOT,
                "{\"how\": \"%s\", \"host_microseconds\": %.3f, \"device_microseconds\": %.3f}",
                launch.how(),
                launch.hostMicros(),
                launch.deviceMicros());
    }

    private static String json(CudaFigures.Copy copy) {
        return String.format(
                Locale.ROOT,
                "{\"bytes\": %d, \"up_microseconds\": %.2f, \"down_microseconds\": %.2f, "
                        + "\"up_bytes_per_second\": %.0f, \"down_bytes_per_second\": %.0f}",
                copy.bytes(),
                copy.upMicros(),
                copy.downMicros(),
                copy.upBytesPerSecond(),
                copy.downBytesPerSecond());
    }

    private static String json(CudaFigures.Load load) {
        return String.format(
                Locale.ROOT, "{\"file\": \"%s\", \"milliseconds\": %.2f}", load.file(), load.millis());
    }
}
