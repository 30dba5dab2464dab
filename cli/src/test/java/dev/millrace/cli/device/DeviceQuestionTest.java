package dev.millrace.cli.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.cli.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceQuestionTest {
    @Test
    void the_tools_answer_is_read() throws InterruptedException {
        DeviceReport report = ask("""
                echo 'some warning' >&2
                cat << END
                {"problem": null, "devices": [
                  {"ordinal": 0, "name": "NVIDIA H100", "capability": "9.0", "total_bytes": 85899345920,
                   "free_bytes": 80000000000, "usable": true, "reason": null,
                   "others": [{"pid": 7, "name": "python", "bytes": 123}]},
                  {"ordinal": 1, "name": "Tesla P100", "capability": "6.0", "total_bytes": 1, "free_bytes": 1,
                   "usable": false, "reason": "too old", "others": []}]}
                END
                """);

        assertThat(report)
                .isEqualTo(new DeviceReport(
                        "",
                        List.of(
                                new CudaDevice(
                                        0,
                                        "NVIDIA H100",
                                        "9.0",
                                        85_899_345_920L,
                                        80_000_000_000L,
                                        "",
                                        List.of(new DeviceUser(7, "python", 123))),
                                new CudaDevice(1, "Tesla P100", "6.0", 1, 1, "too old", List.of()))));
        assertThat(report.usable()).extracting(CudaDevice::place).containsExactly(Place.cuda(0));
    }

    @Test
    void a_problem_is_read_too() throws InterruptedException {
        assertThat(ask("echo '{\"problem\":\"no NVIDIA driver\",\"devices\":[]}'"))
                .isEqualTo(DeviceReport.none("no NVIDIA driver"));
    }

    @Test
    void a_tool_that_fails_is_an_error_with_a_way_out() {
        for (String script : List.of("exit 9", "echo '{}'; exit 9", "echo Segmentation fault; exit 9")) {
            assertThatThrownBy(() -> ask(script))
                    .isInstanceOf(UserError.class)
                    .hasMessage(
                            "asking which devices there are failed with exit code 9; `./millrace devices` shows how,"
                                    + " --device cpu serves without");
        }
        assertThatThrownBy(() -> ask("echo nonsense"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("exit code 0");
        assertThatThrownBy(() -> DeviceQuestion.ask(List.of("/no/such/java")))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("cannot ask which devices there are: ");
    }

    private static DeviceReport ask(String script) throws InterruptedException {
        return DeviceQuestion.ask(List.of("/bin/sh", "-c", script));
    }
}
