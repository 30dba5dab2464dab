package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.bench.DeviceReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the figures are, no test asks.
@Tag("device")
class CudaMeterTest {

    private final FakeDriver fake = FakeDriver.start(1);

    @Test
    void everything_is_measured_and_given_back() {
        CudaFigures figures = CudaMeter.measure(CudaDevices.find().freest(), 1 << 20);

        assertThat(fake.leaks()).isEmpty();
        assertThat(figures.readBytes()).isEqualTo(1 << 20);
        assertThat(figures.readBytesPerSecond()).isPositive();
        assertThat(figures.launches()).hasSize(3).allMatch(launch -> launch.hostMicros() > 0);
        assertThat(figures.copies())
                .extracting(CudaFigures.Copy::bytes)
                .startsWith(8L)
                .endsWith(64L << 20);
        assertThat(figures.loads()).extracting(CudaFigures.Load::file).contains("attention", "measure", "repack");
        assertThat(new DeviceReport(figures).json()).contains("\"read_bytes\":1048576,", "\"how\":\"a graph of 400\"");
        assertThat(new DeviceReport(figures).text()).contains("reads its memory at ", "|     67108864 |");
    }
}
