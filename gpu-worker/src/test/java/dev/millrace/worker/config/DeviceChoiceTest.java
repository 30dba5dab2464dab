package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceChoiceTest {

    @Test
    void devices_are_named_by_kind_and_number() throws Exception {
        assertThat(DeviceChoice.of("auto")).isEqualTo(new DeviceChoice(DeviceChoice.Kind.AUTO, List.of()));
        assertThat(DeviceChoice.of("cpu")).isEqualTo(new DeviceChoice(DeviceChoice.Kind.CPU, List.of()));
        assertThat(DeviceChoice.of("cuda")).isEqualTo(new DeviceChoice(DeviceChoice.Kind.CUDA, List.of()));
        assertThat(DeviceChoice.of("cuda:1")).isEqualTo(new DeviceChoice(DeviceChoice.Kind.CUDA, List.of(1)));
        assertThat(DeviceChoice.of("cuda:2,0").ordinals()).containsExactly(2, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpu | --device is \"gpu\"; it has to be auto, cpu, cuda, cuda:0 or cuda:0,1",
                "CUDA | it has to be auto",
                "cuda: | \"\" is not the number of a device, of which the first is 0",
                "cuda:x | \"x\" is not the number of a device",
                "cuda:-1 | \"-1\" is not the number of a device",
                "cuda:0, | \"\" is not the number of a device",
                "cuda:99999999999 | \"99999999999\" is not the number",
                "cuda:1,0,1 | --device is \"cuda:1,0,1\", which has device 1 twice",
                "cuda0 | it has to be auto"
            })
    void anything_else_is_refused_in_one_line(String text, String message) {
        assertThatThrownBy(() -> DeviceChoice.of(text))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }
}
