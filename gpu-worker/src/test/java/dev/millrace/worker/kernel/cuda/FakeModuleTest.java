package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.worker.kernel.cuda.driver.Context;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import dev.millrace.worker.kernel.cuda.driver.Module;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which PTX the driver of tests takes.
class FakeModuleTest {

    private FakeDriver fake;
    private String ptx;

    @BeforeEach
    void start() throws IOException {
        fake = FakeDriver.start(1);
        ptx = CudaSources.ptx("rms_norm");
    }

    @Test
    void a_driver_that_is_too_old_refuses_it() {
        fake.version(11070);
        assertThat(code(ptx)).isEqualTo(222);
        fake.version(11080);
        assertThat(code(ptx)).isZero();
    }

    @Test
    void a_device_that_is_too_old_refuses_it() {
        fake.capability(0, 7, 5);
        assertThat(code(ptx)).isEqualTo(209);
        fake.capability(0, 8, 0);
        assertThat(code(ptx)).isZero();
    }

    @Test
    void arguments_are_those_of_the_source() {
        assertThat(code(ptx.replace(".param .f32 rms_norm_param_4", ".param .u64 rms_norm_param_4")))
                .isEqualTo(200);
        assertThat(fake.lastError()).isEqualTo("the arguments of kernel rms_norm differ between PTX and source");
    }

    @Test
    void kernels_without_a_source_are_named() {
        assertThat(code(ptx.replace("rms_norm", "rms_morn"))).isEqualTo(500);
        assertThat(fake.lastError()).startsWith("kernel rms_morn is not in the fake driver");
    }

    @Test
    void all_kernels_load() throws IOException {
        for (String source : CudaSources.names(CudaSources.PTX, ".ptx")) {
            assertThat(code(CudaSources.ptx(source))).as(source).isZero();
        }
    }

    @Test
    void without_a_device_nothing_starts() {
        fake.reset(0);
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(JcudaDriver::open)
                .satisfies(e -> assertThat(e.code()).isEqualTo(100));
    }

    /// Of loading it; 0 where that worked.
    private static int code(String text) {
        JcudaDriver driver = JcudaDriver.open();
        try (Context context = new Context(driver, 0)) {
            context.makeCurrent();
            new Module(driver, "kernels", text).close();
            return 0;
        } catch (CudaException e) {
            return e.code();
        }
    }
}
