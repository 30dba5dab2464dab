package dev.millrace.worker.config;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.millrace.worker.kernel.MemoryHolder;
import dev.millrace.worker.kernel.MemoryInfo;
import dev.millrace.worker.kernel.cuda.CudaDevices;
import dev.millrace.worker.kernel.cuda.FoundDevice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The CUDA devices of a machine at one moment, as other programs and people read them.
///
/// @param problem why none of them can be used; null where one can
/// @param devices by ordinal, those that cannot be used included
record DeviceList(@Nullable String problem, List<Entry> devices) {

    private static final Gson JSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .disableHtmlEscaping()
            .serializeNulls()
            .create();

    private static final String ROW = "%-8s %-30s %-11s %-10s %-10s %s%n";

    /// One device.
    ///
    /// @param reason why it cannot be used; null where it can
    /// @param others who else has memory of it, most first
    record Entry(
            int ordinal,
            String name,
            String capability,
            long totalBytes,
            long freeBytes,
            boolean usable,
            @Nullable String reason,
            List<MemoryHolder> others) {

        private static Entry of(FoundDevice found) {
            MemoryInfo memory = found.memory();
            return new Entry(
                    found.ordinal(),
                    found.name(),
                    found.capability(),
                    memory.totalBytes(),
                    memory.freeBytes(),
                    found.isUsable(),
                    found.isUsable() ? null : found.refusal(),
                    memory.others());
        }
    }

    static DeviceList of(CudaDevices cuda) {
        return new DeviceList(
                cuda.missing().isEmpty() ? null : cuda.missing(),
                cuda.found().stream().map(Entry::of).toList());
    }

    /// One line.
    String json() {
        return JSON.toJson(this);
    }

    /// A line for each device, the CPU's last.
    String table(int processors, SystemMemory system) {
        StringBuilder table = new StringBuilder();
        if (problem != null) {
            table.append("no CUDA device can be used: ").append(problem).append(System.lineSeparator());
        }
        table.append(ROW.formatted("device", "name", "capability", "memory", "free", ""));
        for (Entry entry : devices) {
            String remark = entry.reason == null ? "" : "cannot be used: " + entry.reason;
            table.append(ROW.formatted(
                    "cuda:" + entry.ordinal,
                    entry.name,
                    entry.capability,
                    ByteSize.of(entry.totalBytes),
                    ByteSize.of(entry.freeBytes),
                    remark));
            for (MemoryHolder other : entry.others) {
                table.append(ROW.formatted("", "also there: " + other.description(), "", "", "", ""));
            }
        }
        table.append(ROW.formatted(
                "cpu",
                processors == 1 ? "1 processor" : processors + " processors",
                "",
                size(system.totalBytes()),
                size(system.availableBytes()),
                ""));
        return table.toString().replaceAll(" +(?=\\R)", "");
    }

    private static String size(long bytes) {
        return bytes == SystemMemory.UNKNOWN ? "" : ByteSize.of(bytes);
    }
}
