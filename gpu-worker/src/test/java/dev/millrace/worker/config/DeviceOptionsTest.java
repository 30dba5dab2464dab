package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.kernel.cuda.driver.DriverLibrary;
import dev.millrace.worker.ledger.StepLedger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// Which device is taken for what is asked for and what is there.
class DeviceOptionsTest {

    private final FakeDriver fake = FakeDriver.start(2);
    private final String library = System.getProperty(DriverLibrary.PROPERTY);
    private final List<String> notes = new ArrayList<>();

    @AfterEach
    void restore() {
        System.setProperty(DriverLibrary.PROPERTY, library);
    }

    private DeviceSettings settings(String... arguments) throws StartException {
        DeviceOptions options = new DeviceOptions();
        new CommandLine(CommandLine.Model.CommandSpec.create().addMixin("device", mixin(options))).parseArgs(arguments);
        return options.settings(notes::add);
    }

    private static CommandLine.Model.CommandSpec mixin(DeviceOptions options) {
        return CommandLine.Model.CommandSpec.forAnnotatedObject(options);
    }

    private static int ordinal(DeviceSettings settings) {
        assertThat(settings).isInstanceOf(DeviceSettings.Cuda.class);
        return ((DeviceSettings.Cuda) settings).device().ordinal();
    }

    @Test
    void the_device_with_most_free_memory_is_taken_unless_one_is_named() throws Exception {
        fake.memory(0, 4L << 30, 1L << 30);
        assertThat(ordinal(settings("--device", "auto"))).isOne();
        assertThat(ordinal(settings("--device", "cuda"))).isOne();
        assertThat(ordinal(settings("--device", "cuda:0"))).isZero();
        assertThat(notes).isEmpty();
    }

    @Test
    void the_cpu_is_taken_when_asked_for_without_looking_for_others() throws Exception {
        fake.clearCounts();
        assertThat(settings("--device", "cpu", "--threads", "1")).isInstanceOf(DeviceSettings.Cpu.class);
        assertThat(fake.count("cuInit")).isZero();
        assertThat(notes).isEmpty();
    }

    @Test
    void the_cpu_is_taken_with_one_line_that_says_why_where_there_is_no_device() throws Exception {
        fake.reset(0);
        assertThat(settings("--device", "auto")).isInstanceOf(DeviceSettings.Cpu.class);
        System.setProperty(DriverLibrary.PROPERTY, "/nowhere/libcuda.so.1");
        assertThat(settings("--device", "auto")).isInstanceOf(DeviceSettings.Cpu.class);
        assertThat(notes)
                .containsExactly(
                        "The CPU computes, no CUDA device can: the NVIDIA driver shows no device",
                        "The CPU computes, no CUDA device can:"
                                + " the driver library /nowhere/libcuda.so.1 cannot be opened");
    }

    @Test
    void the_cpu_is_taken_where_driver_or_device_is_too_old() throws Exception {
        fake.capability(0, 7, 0);
        fake.capability(1, 7, 5);
        assertThat(settings()).isInstanceOf(DeviceSettings.Cpu.class);
        fake.version(11_040);
        assertThat(settings()).isInstanceOf(DeviceSettings.Cpu.class);
        assertThat(notes)
                .satisfiesExactly(
                        note -> assertThat(note).contains("Fake GPU 0 has compute capability 7.0, and 8.0 is needed"),
                        note -> assertThat(note).contains("so driver 520 or newer"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cuda:2 | --device cuda:2: there is no CUDA device 2; there are 0 (Fake GPU 0), 1 (Fake GPU 1)",
                "cuda:1 | --device cuda:1: CUDA device 1 cannot be used: Fake GPU 1 has compute capability 7.5, and 8.0",
                "cuda:0,1 | but a worker computes on one device; start one worker for each of these"
            })
    void a_device_that_cannot_be_used_is_refused(String device, String message) {
        fake.capability(1, 7, 5);
        assertThatThrownBy(() -> settings("--device", device))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(message);
    }

    @Test
    void asked_for_cuda_a_driver_that_is_too_old_is_refused() {
        fake.version(11_040);
        assertThatThrownBy(() -> settings("--device", "cuda"))
                .isInstanceOf(StartException.class)
                .hasMessage("--device cuda: no CUDA device can be used: the NVIDIA driver is too old: it supports CUDA"
                        + " 11.4, and 11.8 is needed, so driver 520 or newer");
    }

    @Test
    void options_of_the_cpu_are_taken_and_not_used_by_another_device() throws Exception {
        assertThat(ordinal(settings("--device", "cuda:1", "--threads", "1", "--cpu-kernels", "vector")))
                .isOne();
        assertThatThrownBy(() -> settings("--device", "cuda", "--threads", "-1"))
                .hasMessageContaining("--threads is -1");
    }

    @Test
    void graphs_can_be_turned_off() throws Exception {
        assertThat(((DeviceSettings.Cuda) settings()).useGraphs()).isTrue();
        assertThat(((DeviceSettings.Cuda) settings("--cuda-graphs=false")).useGraphs())
                .isFalse();
    }

    @Test
    void a_device_that_refuses_is_said_in_one_line_and_nothing_is_left() throws Exception {
        DeviceSettings settings = settings("--device", "cuda:0");
        fake.fail("cuCtxSetCurrent", 1, 2);
        assertThatThrownBy(() -> settings.open(new StepLedger()))
                .isInstanceOf(StartException.class)
                .hasMessage("CUDA device 0, Fake GPU 0, cannot be used:"
                        + " cuCtxSetCurrent: CUDA_ERROR_OUT_OF_MEMORY (2)");
        assertThat(fake.leaks()).isEmpty();
        try (Device device = settings.open(new StepLedger())) {
            assertThat(device.description()).startsWith("CUDA 0, Fake GPU 0, 4096 MiB");
        }
        assertThat(fake.leaks()).isEmpty();
    }
}
