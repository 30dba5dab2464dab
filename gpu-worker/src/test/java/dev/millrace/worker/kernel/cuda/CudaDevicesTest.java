package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.worker.kernel.cuda.driver.MemoryDriver;
import java.util.List;
import org.junit.jupiter.api.Test;

class CudaDevicesTest {

    private final MemoryDriver driver = new MemoryDriver();

    @Test
    void all_that_are_usable_are_taken_where_none_is_named() {
        driver.devices(MemoryDriver.facts(0, 7, 5), MemoryDriver.facts(1, 8, 6), MemoryDriver.facts(2, 9, 0));
        CudaDevices devices = CudaDevices.find(driver);
        assertThat(devices.missing()).isEmpty();
        assertThat(devices.choose(List.of())).extracting(FoundDevice::ordinal).containsExactly(1, 2);
        assertThat(devices.choose(List.of(2, 1)))
                .extracting(FoundDevice::ordinal)
                .containsExactly(2, 1);
    }

    @Test
    void a_device_that_is_too_old_is_refused_with_what_is_needed() {
        driver.devices(MemoryDriver.facts(0, 7, 5), MemoryDriver.facts(1, 8, 0));
        CudaDevices devices = CudaDevices.find(driver);
        assertThat(devices.found().getFirst().isUsable()).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> devices.choose(List.of(0)))
                .withMessage("CUDA device 0 cannot be used:"
                        + " Card 0 has compute capability 7.5, and 8.0 is needed: Ampere or newer");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> devices.choose(List.of(2)))
                .withMessage("there is no CUDA device 2; there are 0 (Card 0), 1 (Card 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> devices.choose(List.of(-1)));
        driver.devices(MemoryDriver.facts(0, 7, 5));
        assertThat(CudaDevices.find(driver).missing())
                .isEqualTo("Card 0 has compute capability 7.5, and 8.0 is needed: Ampere or newer");
    }

    @Test
    void a_driver_that_is_too_old_is_refused_with_what_is_needed() {
        CudaDevices devices = CudaDevices.find(driver.version(11_040));
        assertThat(devices.found()).isEmpty();
        assertThat(devices.missing())
                .isEqualTo("the NVIDIA driver is too old: it supports CUDA 11.4, and 11.8 is needed,"
                        + " so driver 520 or newer");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> devices.choose(List.of()))
                .withMessageStartingWith("no CUDA device can be used: the NVIDIA driver is too old");
        assertThat(CudaDevices.find(driver.version(11_080)).missing()).isEmpty();
    }

    @Test
    void a_driver_without_devices_is_said() {
        CudaDevices devices = CudaDevices.find(driver.devices());
        assertThat(devices.missing()).isEqualTo("the NVIDIA driver shows no device");
        assertThat(devices.usable()).isEmpty();
    }
}
