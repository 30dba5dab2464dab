package dev.millrace.worker.bench;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.millrace.worker.kernel.cuda.CudaFigures;
import java.util.Locale;

/// What was measured on a device, as tables for people or as one JSON object.
public final class DeviceReport {

    private static final Gson JSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .disableHtmlEscaping()
            .create();

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
        add(
                text,
                "%n| %12s | %10s | %10s | %10s | %10s |%n",
                "copy, bytes",
                "us up",
                "us down",
                "GB/s up",
                "GB/s down");
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
        return JSON.toJson(figures);
    }
}
