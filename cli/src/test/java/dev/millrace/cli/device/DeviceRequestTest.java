package dev.millrace.cli.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.cli.UserError;
import dev.millrace.cli.device.DeviceRequest.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceRequestTest {
    @Test
    void words_leave_the_choice_open() {
        assertThat(DeviceRequest.parse("auto")).isEqualTo(new DeviceRequest(Kind.AUTO, List.of()));
        assertThat(DeviceRequest.parse("")).isEqualTo(new DeviceRequest(Kind.AUTO, List.of()));
        assertThat(DeviceRequest.parse("CUDA")).isEqualTo(new DeviceRequest(Kind.CUDA, List.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cpu | cpu",
                "cuda:0 | cuda:0",
                "cuda:0,1 | cuda:0,cuda:1",
                "cuda:3,cuda:1,0 | cuda:3,cuda:1,cuda:0",
                "cuda:0,0,1 | cuda:0,cuda:0,cuda:1",
                "CUDA:0,CPU | cuda:0,cpu",
                "cpu,cuda:1 | cpu,cuda:1"
            })
    void devices_are_named_in_the_order_of_the_stages(String text, String places) {
        DeviceRequest request = DeviceRequest.parse(text);

        assertThat(request.kind()).isEqualTo(Kind.NAMED);
        assertThat(request.places()).extracting(Place::toString).containsExactly(places.split(","));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"gpu", "0", "cuda:", "cuda:-1", "cuda:0,", "cpu,0", "auto,cpu", "cuda,cpu", "cuda:9999", ","})
    void anything_else_is_refused_with_examples(String text) {
        assertThatThrownBy(() -> DeviceRequest.parse(text))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("--device is " + text + "; it must be auto, cpu, cuda, or devices")
                .hasMessageContaining("cuda:0,cpu");
    }

    @Test
    void only_the_cpu_alone_needs_no_look_at_devices() {
        assertThat(DeviceRequest.parse("cpu").needsDevices()).isFalse();
        assertThat(DeviceRequest.parse("cpu,cpu").needsDevices()).isFalse();
        assertThat(DeviceRequest.parse("auto").needsDevices()).isTrue();
        assertThat(DeviceRequest.parse("cpu,cuda:0").needsDevices()).isTrue();
    }
}
