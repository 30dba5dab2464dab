package dev.millrace.worker.kernel.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JcudaDriverTest {

    private static final String PTX = """
            //
            .visible .entry rmsnorm_f16(
            	.param .u64 rmsnorm_f16_param_0,
            	.param .u64 rmsnorm_f16_param_1,
            	.param .u64 rmsnorm_f16_param_2,
            	.param .u32 rmsnorm_f16_param_3,
            	.param .f32 rmsnorm_f16_param_4
            )
            """;

    private final Owners owners = new Owners();
    private JcudaDriver driver;

    @BeforeAll
    static void library() throws Exception {
        FakeLibrary.require();
    }

    @BeforeEach
    void open() {
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
        assertThat(facts.name()).isEqualTo("fake (CPU)");
        assertThat(facts.capability()).isEqualTo("8.0");
        assertThat(facts.pciBus()).isEqualTo("0000:01:00.0");
        assertThat(facts.uuid()).isEqualTo("07".repeat(16));
        assertThat(facts.totalBytes()).isEqualTo(4L << 30);
        assertThat(driver.memory().totalBytes()).isEqualTo(4L << 30);
    }

    @Test
    void a_kernel_computes_on_what_was_copied() {
        int columns = 64;
        Stream stream = owners.add(new Stream(driver));
        PinnedBuffer pinned = owners.add(new PinnedBuffer(driver, 2 * columns, "rows"));
        DeviceArray source = owners.add(new DeviceArray(driver, 2 * columns, "source"));
        DeviceArray weights = owners.add(new DeviceArray(driver, 4 * columns, "weights"));
        DeviceArray target = owners.add(new DeviceArray(driver, 2 * columns, "target"));
        for (int i = 0; i < columns; i++) {
            pinned.segment().setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(i - 30));
        }
        driver.copyToDevice(source.address(), pinned.address(), 2 * columns, stream.handle());
        driver.fillWords(weights.address(), Float.floatToRawIntBits(2), columns, stream.handle());
        Module module = owners.add(new Module(driver, "kernels", PTX));
        Kernel norm = module.kernel("rmsnorm_f16");
        KernelArguments arguments = norm.arguments()
                .address(target.address())
                .address(source.address())
                .address(weights.address())
                .whole(columns)
                .real(1e-5f);
        norm.launch(stream, 1, 1, 1, 32, 0, arguments);
        driver.copyToHost(pinned.address(), target.address(), 2 * columns, stream.handle());
        stream.synchronize();
        double squares = 0;
        for (int i = 0; i < columns; i++) {
            squares += (i - 30) * (i - 30);
        }
        for (int i = 0; i < columns; i++) {
            assertThat(Float.float16ToFloat(pinned.segment().getAtIndex(ValueLayout.JAVA_SHORT, i)))
                    .isCloseTo((float) (2 * (i - 30) / Math.sqrt(squares / columns)), within(2e-3f));
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
                .withMessageStartingWith("cuModuleLoadDataEx for module broken: ")
                .withMessageEndingWith(" (200)");
    }
}
