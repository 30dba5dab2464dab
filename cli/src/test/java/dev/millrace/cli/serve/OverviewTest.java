package dev.millrace.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.device.CudaDevice;
import dev.millrace.cli.device.DeviceReport;
import dev.millrace.cli.device.Place;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverviewTest {
    private static final ModelSummary MODEL = new ModelSummary(4, 512, 4_000_000, 0, 256);

    @Test
    void stages_on_the_cpu_are_told_in_a_line() {
        assertThat(lines(List.of(Place.CPU, Place.CPU)))
                .containsExactly("/m.gguf: 4 layers, 2 stages, about 4.0 MB of weights and 0.0 MB of KV cache");
    }

    @Test
    void with_a_device_each_stage_has_a_line() {
        assertThat(lines(List.of(Place.cuda(0), Place.CPU)))
                .hasSize(3)
                .contains(
                        "stage 0, worker-1: cuda:0, NVIDIA H100, 80.00 GB of 85.00 GB free", "stage 1, worker-2: cpu");
        assertThat(lines(List.of(Place.cuda(0)))).first().asString().contains("1 stage, ");
    }

    private static List<String> lines(List<Place> places) {
        ServeSettings settings = new ServeSettings(
                Path.of("/m.gguf"), places, 16, 1, "127.0.0.1", 8080, 2, KvType.F16, CpuKernels.AUTO, "auto");
        CudaDevice device = new CudaDevice(0, "NVIDIA H100", "9.0", 85_000_000_000L, 80_000_000_000L, "", List.of());
        return new Overview(settings, MODEL, MemoryEstimate.of(MODEL, settings), new DeviceReport("", List.of(device)))
                .lines();
    }
}
