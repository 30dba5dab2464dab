package dev.millrace.worker.kernel.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.worker.kernel.cuda.FakeDriver;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JcudaDriverTest {

    private static final Path PTX =
            Path.of("src", "main", "resources", "dev", "millrace", "worker", "kernel", "cuda", "rms_norm.ptx");

    private final Owners owners = new Owners();
    private JcudaDriver driver;

    @BeforeEach
    void open() {
        FakeDriver.start(1);
        driver = JcudaDriver.open();
        owners.add(new Context(driver, 0));
    }

    @AfterEach
    void close() {
        owners.close();
    }

    @Test
    void devices_are_described() {
        assertThat(driver.version()).isEqualTo(13000);
        assertThat(driver.deviceCount()).isEqualTo(1);
        DeviceFacts facts = driver.device(0);
        assertThat(facts.name()).isEqualTo("Fake GPU 0");
        assertThat(facts.capability()).isEqualTo("9.0");
        assertThat(facts.pciBus()).isEqualTo("0000:01:00.0");
        assertThat(facts.uuid()).isEqualTo("0".repeat(31) + "1");
        assertThat(facts.totalBytes()).isEqualTo(4L << 30);
        assertThat(driver.memory().totalBytes()).isEqualTo(4L << 30);
    }

    @Test
    void a_kernel_computes_on_what_was_copied() throws IOException {
        int columns = 64;
        Stream stream = owners.add(new Stream(driver));
        PinnedBuffer pinned = owners.add(new PinnedBuffer(driver, 4 * columns, "rows"));
        PinnedBuffer header = owners.add(new PinnedBuffer(driver, 48, "step"));
        DeviceArray step = owners.add(new DeviceArray(driver, 48, "step"));
        DeviceArray rows = owners.add(new DeviceArray(driver, 4 * columns, "rows"));
        DeviceArray weight = owners.add(new DeviceArray(driver, 4 * columns, "weight"));
        header.segment().setAtIndex(ValueLayout.JAVA_INT, 6, 1);
        double squares = 0;
        for (int i = 0; i < columns; i++) {
            pinned.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, i - 30);
            squares += (i - 30) * (i - 30);
        }
        driver.copyToDevice(step.address(), header.address(), 48, stream.handle());
        driver.copyToDevice(rows.address(), pinned.address(), 4 * columns, stream.handle());
        driver.fillWords(weight.address(), Float.floatToRawIntBits(2), columns, stream.handle());
        Module module = owners.add(new Module(driver, "rms_norm", Files.readString(PTX)));
        Kernel norm = module.kernel("rms_norm");
        KernelArguments arguments = norm.arguments()
                .address(step.address())
                .whole(0)
                .address(rows.address())
                .address(weight.address())
                .real(1e-5f)
                .address(rows.address())
                .whole(columns);
        for (int i = 0; i < 6; i++) {
            arguments.address(0);
        }
        norm.launch(stream, 1, 1, 1, 32, 0, arguments);
        driver.copyToHost(pinned.address(), rows.address(), 4 * columns, stream.handle());
        stream.synchronize();
        for (int i = 0; i < columns; i++) {
            assertThat(pinned.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i))
                    .isCloseTo((float) (2 * (i - 30) / Math.sqrt(squares / columns)), within(1e-5f));
        }
    }

    @Test
    void a_graph_repeats_what_was_recorded() {
        Stream stream = owners.add(new Stream(driver));
        PinnedBuffer pinned = owners.add(new PinnedBuffer(driver, 8, "words"));
        DeviceArray words = owners.add(new DeviceArray(driver, 8, "words"));
        stream.beginCapture();
        driver.copyToDevice(words.address(), pinned.address(), 4, stream.handle());
        driver.copyOnDevice(words.address() + 4, words.address(), 4, stream.handle());
        driver.copyToHost(pinned.address() + 4, words.address() + 4, 4, stream.handle());
        Graph graph = owners.add(stream.endCapture());
        for (int word = 1; word < 4; word++) {
            pinned.segment().setAtIndex(ValueLayout.JAVA_INT, 0, word);
            graph.launch(stream);
            stream.synchronize();
            assertThat(pinned.segment().getAtIndex(ValueLayout.JAVA_INT, 1)).isEqualTo(word);
        }
    }

    @Test
    void refusals_name_call_and_code() {
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(() -> new DeviceArray(driver, 8L << 30, "weights").close())
                .withMessageStartingWith("cuMemAlloc for weights, 8589934592 bytes: ")
                .withMessageEndingWith(" (2)");
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(() -> new Module(driver, "broken", "neither PTX nor anything else").close())
                .withMessageStartingWith("cuModuleLoadDataEx for module broken, a module that is not PTX: ")
                .withMessageEndingWith(" (200)");
    }
}
