package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.MemoryHolder;
import dev.millrace.worker.kernel.MemoryInfo;
import dev.millrace.worker.kernel.cuda.driver.DriverLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Looking for devices through a driver library.
class FoundDevicesTest {

    private final FakeDriver fake = FakeDriver.start(2);
    private final String library = System.getProperty(DriverLibrary.PROPERTY);

    @TempDir
    private Path folder;

    @AfterEach
    void restore() throws IOException {
        System.setProperty(DriverLibrary.PROPERTY, library);
        Files.deleteIfExists(folder.resolve("libcuda.so.1"));
    }

    @Test
    void devices_are_found_without_taking_anything() {
        fake.capability(0, 7, 5);
        CudaDevices devices = CudaDevices.find();
        assertThat(devices.usable()).extracting(FoundDevice::name).containsExactly("Fake GPU 1");
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
    void memory_and_other_processes_are_told_without_taking_anything() {
        fake.memory(1, 2L << 30, 1L << 29);
        List<FoundDevice> found = CudaDevices.find().found();
        assertThat(found.getFirst().memory())
                .isEqualTo(new MemoryInfo(4L << 30, 4L << 30, List.of(new MemoryHolder(1, "process-1", 1L << 30))));
        assertThat(found.getLast().memory().freeBytes()).isEqualTo(3L << 29);
        assertThat(found.getFirst().memory().others())
                .extracting(MemoryHolder::description)
                .containsExactly("process-1, process 1, 1024 MiB");
        assertThat(fake.count("cuDevicePrimaryCtxRetain")).isZero();
    }

    @Test
    void a_device_is_asked_itself_where_the_management_library_is_absent() throws IOException {
        fake.memory(1, 2L << 30, 1L << 29);
        List<FoundDevice> found = CudaDevices.find().found();
        Path alone = Files.createSymbolicLink(folder.resolve("libcuda.so.1"), Path.of(library));
        System.setProperty(DriverLibrary.PROPERTY, alone.toString());
        assertThat(found.getLast().memory()).isEqualTo(new MemoryInfo(3L << 29, 2L << 30, List.of()));
        assertThat(fake.leaks()).isEmpty();
        fake.fail("cuDevicePrimaryCtxRetain", 1, 2);
        assertThat(found.getLast().memory().freeBytes()).isZero();
    }

    @Test
    void the_device_with_most_free_memory_is_the_freest() {
        assertThat(CudaDevices.find().freest().ordinal()).isZero();
        fake.memory(0, 4L << 30, 1L << 30);
        assertThat(CudaDevices.find().freest().ordinal()).isOne();
        fake.capability(1, 7, 5);
        assertThat(CudaDevices.find().freest().ordinal()).isZero();
    }
}
