package dev.millrace.cli.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.cli.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceChoiceTest {
    private static final String TOO_OLD = "Tesla P100 has compute capability 6.0, and 8.0 is needed: Ampere or newer";
    private static final CudaDevice OLD = new CudaDevice(0, "Tesla P100", "6.0", 16, 16, TOO_OLD, List.of());
    private static final CudaDevice FIRST = new CudaDevice(1, "NVIDIA A100", "8.0", 40, 39, "", List.of());
    private static final CudaDevice SECOND = new CudaDevice(2, "NVIDIA H100", "9.0", 80, 79, "", List.of());

    private static final DeviceReport NONE = DeviceReport.none("no NVIDIA driver");
    private static final DeviceReport ONLY_OLD = new DeviceReport(TOO_OLD, List.of(OLD));
    private static final DeviceReport ALL = new DeviceReport("", List.of(OLD, FIRST, SECOND));

    @Test
    void auto_takes_all_devices_that_can_be_used_and_names_the_others() {
        DeviceChoice choice = choose("auto", ALL);

        assertThat(choice.places()).containsExactly(Place.cuda(1), Place.cuda(2));
        assertThat(choice.notes()).containsExactly("cuda:0 is not used: " + TOO_OLD);
    }

    @Test
    void auto_takes_the_cpu_where_there_is_no_device_and_says_why() {
        assertThat(choose("auto", NONE).places()).containsExactly(Place.CPU);
        assertThat(choose("auto", NONE).notes()).containsExactly("no NVIDIA driver: serving on the CPU");
        assertThat(choose("auto", ONLY_OLD).notes()).containsExactly(TOO_OLD + ": serving on the CPU");
    }

    @Test
    void cuda_is_refused_where_there_is_none_with_what_is_needed() {
        assertThat(choose("cuda", ALL).places()).containsExactly(Place.cuda(1), Place.cuda(2));
        assertThatThrownBy(() -> choose("cuda", NONE))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("--device cuda: no NVIDIA driver. CUDA needs an NVIDIA driver, 520 or newer");
        assertThatThrownBy(() -> choose("cuda", ONLY_OLD))
                .isInstanceOf(UserError.class)
                .hasMessage("--device cuda: " + TOO_OLD);
    }

    @Test
    void devices_that_are_named_have_to_be_there() {
        assertThat(choose("cuda:2,cpu", ALL).places()).containsExactly(Place.cuda(2), Place.CPU);
        assertThat(choose("cpu", NONE).notes()).isEmpty();
        assertThatThrownBy(() -> choose("cuda:3", ALL))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "--device names cuda:3: the NVIDIA driver shows only cuda:0 (Tesla P100), cuda:1");
        assertThatThrownBy(() -> choose("cpu,cuda:0", ALL))
                .isInstanceOf(UserError.class)
                .hasMessage("--device names cuda:0, which cannot be used: " + TOO_OLD);
        assertThatThrownBy(() -> choose("cuda:0", NONE))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("--device names cuda:0: no NVIDIA driver. CUDA needs");
    }

    @Test
    void each_device_has_a_stage_unless_told_otherwise() {
        assertThat(choose("auto", ALL).defaultStages(2)).isEqualTo(2);
        assertThat(choose("cuda:1", ALL).defaultStages(2)).isEqualTo(1);
        assertThat(choose("cpu", ALL).defaultStages(2)).isEqualTo(2);
        assertThat(choose("cpu,cpu,cpu", ALL).defaultStages(2)).isEqualTo(3);
        assertThat(choose("cuda:1,cpu", ALL).defaultStages(2)).isEqualTo(2);
    }

    @Test
    void neighbours_share_a_device_where_there_are_more_stages() {
        DeviceChoice choice = choose("auto", ALL);

        assertThat(choice.spread(4)).containsExactly(Place.cuda(1), Place.cuda(1), Place.cuda(2), Place.cuda(2));
        assertThat(choice.spread(3)).containsExactly(Place.cuda(1), Place.cuda(1), Place.cuda(2));
        assertThat(choice.spread(1)).containsExactly(Place.cuda(1));
    }

    private static DeviceChoice choose(String text, DeviceReport report) {
        return DeviceChoice.of(DeviceRequest.parse(text), report);
    }
}
