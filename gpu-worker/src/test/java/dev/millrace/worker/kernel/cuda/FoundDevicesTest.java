package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.cuda.driver.DeviceFacts;
import dev.millrace.worker.kernel.cuda.driver.DriverLibrary;
import dev.millrace.worker.kernel.cuda.driver.Nvml;
import dev.millrace.worker.kernel.cuda.driver.OtherProcess;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Looking for devices through a driver library.
class FoundDevicesTest {

    private final FakeDriver fake = FakeDriver.start(2);
    private final String library = System.getProperty(DriverLibrary.PROPERTY);

    @AfterEach
    void restore() {
        System.setProperty(DriverLibrary.PROPERTY, library);
    }

    @Test
    void devices_are_found_without_taking_anything() {
        fake.capability(0, 7, 5);
        CudaDevices devices = CudaDevices.find();
        assertThat(devices.usable()).extracting(DeviceFacts::name).containsExactly("Fake GPU 1");
        assertThat(devices.found().getFirst().refusal())
                .isEqualTo("Fake GPU 0 has compute capability 7.5, and 8.0 is needed: Ampere or newer");
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void a_driver_without_devices_is_said() {
        fake.reset(0);
        assertThat(CudaDevices.find().missing()).isEqualTo("the NVIDIA driver shows no device");
    }

    @Test
    void a_driver_that_is_too_old_is_refused() {
        fake.version(11_040);
        assertThat(CudaDevices.find().missing()).startsWith("the NVIDIA driver is too old: it supports CUDA 11.4");
    }

    @Test
    void a_driver_that_does_not_start_is_said_with_its_code() {
        fake.fail("cuInit", 1, 999);
        assertThat(CudaDevices.find().missing())
                .isEqualTo("the NVIDIA driver does not work: cuInit: CUDA_ERROR_UNKNOWN (999)");
    }

    @Test
    void a_file_that_is_no_driver_is_said() {
        System.setProperty(DriverLibrary.PROPERTY, "/nowhere/libcuda.so.1");
        assertThat(CudaDevices.find().missing()).isEqualTo("the driver library /nowhere/libcuda.so.1 cannot be opened");
        String other = FakeDriver.file("libnvidia-ml.so.1").toString();
        System.setProperty(DriverLibrary.PROPERTY, other);
        assertThat(CudaDevices.find().missing()).isEqualTo(other + " is not NVIDIA's driver: it has no cuInit");
    }

    @Test
    void other_processes_on_a_device_are_named() {
        DeviceFacts device = CudaDevices.find().found().getFirst().facts();
        List<OtherProcess> others = Nvml.others(device);
        assertThat(others).extracting(OtherProcess::description).containsExactly("process-1, process 1, 1024 MiB");
        System.setProperty(DriverLibrary.PROPERTY, "/nowhere/libcuda.so.1");
        assertThat(Nvml.others(device)).isEmpty();
    }
}
