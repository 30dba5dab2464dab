package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `millrace serve` and all that it starts, with a CUDA driver that runs kernels on the CPU; skipped where there is
/// none.
class ServeOnDevicesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path DRIVER = ROOT.resolve("gpu-worker/target/fake-cuda/libcuda.so.1");
    private static final String QUESTION = "What is Millrace?";
    private static final int TOKENS = 16;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static String textOfTheCpu;

    /// A driver without devices leads to the CPU; what that answers, all others have to.
    @BeforeAll
    static void ask_the_cpu() throws Exception {
        assumeTrue(Files.exists(DRIVER), "no fake CUDA driver was built: serving on devices is not tested");
        assumeTrue(
                hasVectors(), "the fake CUDA driver needs a CPU with AVX2 and FMA: serving on devices is not tested");
        for (String module : new String[] {"gpu-worker", "tokenizer-service", "gateway"}) {
            assumeTrue(
                    Files.isDirectory(ROOT.resolve(module).resolve("target/lib")),
                    module + " is not packaged: serving on devices is not tested");
        }
        try (ServedModel served = serve(0, "--device=auto")) {
            assertThat(served.log())
                    .contains("millrace          | the NVIDIA driver shows no device: serving on the CPU\n")
                    .contains("2 stages");
            textOfTheCpu = served.answer(QUESTION, TOKENS);
        }
        assertThat(textOfTheCpu).hasSizeGreaterThan(TOKENS);
    }

    @Test
    void one_device_holds_the_whole_model() throws Exception {
        try (ServedModel served = serve(1, "--device=cuda")) {
            assertThat(served.log())
                    .contains("1 stage, ")
                    .contains("stage 0, worker-1: cuda:0, Fake GPU 0, 4.29 GB of 4.29 GB free\n");
            assertThat(served.answer(QUESTION, TOKENS)).isEqualTo(textOfTheCpu);
        }
    }

    @Test
    void two_devices_hold_a_stage_each() throws Exception {
        try (ServedModel served = serve(2)) {
            assertThat(served.log())
                    .contains("2 stages, ")
                    .contains("stage 0, worker-1: cuda:0, Fake GPU 0, ")
                    .contains("stage 1, worker-2: cuda:1, Fake GPU 1, ");
            assertThat(served.answer(QUESTION, TOKENS)).isEqualTo(textOfTheCpu);
        }
    }

    @Test
    void a_device_and_the_cpu_share_a_model() throws Exception {
        try (ServedModel served = serve(1, "--device=cuda:0,cpu")) {
            assertThat(served.log())
                    .contains("stage 0, worker-1: cuda:0, Fake GPU 0, ")
                    .contains("stage 1, worker-2: cpu\n");
            assertThat(served.answer(QUESTION, TOKENS)).isEqualTo(textOfTheCpu);
        }
    }

    /// A device whose context is broken can be used by a new process only.
    @Test
    void a_device_that_fails_in_the_middle_of_an_answer_costs_nothing_but_time() throws Exception {
        try (ServedModel served = ServedModel.start(
                ROOT,
                Map.of("MILLRACE_CUDA_DRIVER", DRIVER.toString(), "FAKE_CUDA_FAULT", "cuGraphLaunch:12:719"),
                "--device=cuda")) {
            assertThat(served.answer(QUESTION, TOKENS)).isEqualTo(textOfTheCpu);
            assertThat(served.log()).contains("millrace          | worker-1 died with exit code 3; starting it again");
        }
    }

    private static ServedModel serve(int devices, String... options) throws Exception {
        return ServedModel.start(
                ROOT,
                Map.of("MILLRACE_CUDA_DRIVER", DRIVER.toString(), "FAKE_CUDA_DEVICES", String.valueOf(devices)),
                options);
    }

    private static boolean hasVectors() throws IOException {
        Path cpus = Path.of("/proc/cpuinfo");
        return Files.isReadable(cpus)
                && Files.readString(cpus).contains(" avx2 ")
                && Files.readString(cpus).contains(" fma ");
    }
}
