package dev.millrace.worker.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.kernel.cuda.driver.DriverLibrary;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The list of devices, as other programs read it and as people do.
class DevicesMainTest {

    private final FakeDriver fake = FakeDriver.start(2);
    private final String library = System.getProperty(DriverLibrary.PROPERTY);
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final PrintStream systemOutput = System.out;

    @BeforeEach
    void take_over_the_stream() {
        System.setOut(new PrintStream(output, true, UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(systemOutput);
        System.setProperty(DriverLibrary.PROPERTY, library);
    }

    private String list(String... arguments) {
        assertThat(Commands.execute(new DevicesMain(), arguments)).isZero();
        return output.toString(UTF_8);
    }

    @Test
    void devices_are_one_json_object() {
        fake.memory(0, 4L << 30, 1L << 30);
        fake.capability(1, 7, 5);
        assertThat(list("--json"))
                .isEqualTo("{\"problem\":null,\"devices\":["
                        + "{\"ordinal\":0,\"name\":\"Fake GPU 0\",\"capability\":\"9.0\",\"total_bytes\":4294967296,"
                        + "\"free_bytes\":3221225472,\"usable\":true,\"reason\":null,"
                        + "\"others\":[{\"pid\":1,\"name\":\"process-1\",\"bytes\":1073741824}]},"
                        + "{\"ordinal\":1,\"name\":\"Fake GPU 1\",\"capability\":\"7.5\",\"total_bytes\":4294967296,"
                        + "\"free_bytes\":4294967296,\"usable\":false,"
                        + "\"reason\":\"Fake GPU 1 has compute capability 7.5, and 8.0 is needed: Ampere or newer\","
                        + "\"others\":[{\"pid\":1,\"name\":\"process-1\",\"bytes\":1073741824}]}]}\n");
    }

    @Test
    void a_machine_without_a_driver_is_no_error() {
        System.setProperty(DriverLibrary.PROPERTY, "/nowhere/libcuda.so.1");
        assertThat(list("--json"))
                .isEqualTo(
                        "{\"problem\":\"the driver library /nowhere/libcuda.so.1 cannot be opened\",\"devices\":[]}\n");
    }

    @Test
    void a_driver_that_is_too_old_says_what_is_needed() {
        fake.version(11_040);
        assertThat(list("--json")).contains("\"problem\":\"the NVIDIA driver is too old", "driver 520 or newer");
    }

    @Test
    void people_get_a_table_with_the_cpu_last() {
        fake.capability(1, 7, 5);
        assertThat(list().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("device   name"),
                        line -> assertThat(line).matches("cuda:0 +Fake GPU 0 +9\\.0 +4\\.0 GiB +4\\.0 GiB"),
                        line -> assertThat(line).matches(" +also there: process-1, process 1, 1024 MiB"),
                        line -> assertThat(line)
                                .contains("cuda:1", "cannot be used: Fake GPU 1 has compute capability"),
                        line -> assertThat(line).contains("also there"),
                        line -> assertThat(line).matches("cpu +\\d+ processors? +[\\d.]+ GiB +[\\d.]+ [GM]iB"));
    }

    @Test
    void people_are_told_why_there_is_no_device() {
        fake.reset(0);
        assertThat(list().lines())
                .hasSize(3)
                .first()
                .isEqualTo("no CUDA device can be used: the NVIDIA driver shows no device");
    }
}
