package dev.millrace.worker.kernel.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelTest {

    private static final String PTX = """
            .version 7.8
            .target sm_80
            .visible .entry scale(
            	.param .u64 .ptr .align 1 scale_param_0,
            	.param .u32 scale_param_1,
            	.param .f32 scale_param_2
            )
            .maxntid 256
            { ret; }
            .visible .entry nothing()
            { ret; }
            """;

    private final MemoryDriver driver = new MemoryDriver();

    @Test
    void kernels_and_their_arguments_are_read_from_the_text() {
        PtxSignatures signatures = PtxSignatures.of(PTX);
        assertThat(signatures.entries()).containsExactly("scale", "nothing");
        assertThat(signatures.kinds("scale"))
                .containsExactly(ArgumentKind.ADDRESS, ArgumentKind.WHOLE, ArgumentKind.REAL);
        assertThat(signatures.kinds("nothing")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> signatures.kinds("other"))
                .withMessage("there is no kernel other among [scale, nothing]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PtxSignatures.of(".entry f(.param .align 4 .b8 f_param_0[12])"))
                .withMessage("kernel f takes a .b8");
    }

    @Test
    void arguments_reach_the_driver_and_can_be_replaced() {
        List<long[]> seen = new ArrayList<>();
        driver.computing((kernel, gridX, gridY, arguments) -> seen.add(arguments));
        try (Stream stream = new Stream(driver);
                Module module = new Module(driver, "test", PTX)) {
            Kernel scale = module.kernel("scale");
            KernelArguments arguments =
                    scale.arguments().address(1L << 40).whole(7).real(0.5f);
            scale.launch(stream, 3, 2, 1, 32, 0, arguments);
            arguments.setAddress(0, 2L << 40);
            arguments.setWhole(1, -8);
            scale.launch(stream, 3, 2, 1, 32, 0, arguments);
            stream.synchronize();
        }
        assertThat(seen.getFirst()[0]).isEqualTo(1L << 40);
        assertThat((int) seen.getFirst()[1]).isEqualTo(7);
        assertThat(Float.intBitsToFloat((int) seen.getFirst()[2])).isEqualTo(0.5f);
        assertThat(seen.getLast()[0]).isEqualTo(2L << 40);
        assertThat((int) seen.getLast()[1]).isEqualTo(-8);
        assertThat(driver.launches()).containsExactly("scale 3 x 2 x 1 of 32", "scale 3 x 2 x 1 of 32");
        assertThat(driver.leaks()).isEmpty();
    }

    @Test
    void arguments_that_do_not_fit_are_refused() {
        try (Stream stream = new Stream(driver);
                Module module = new Module(driver, "test", PTX)) {
            Kernel scale = module.kernel("scale");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scale.arguments().whole(1))
                    .withMessage("argument 0 of scale is ADDRESS, not WHOLE");
            KernelArguments arguments = scale.arguments().address(0).whole(1);
            assertThatIllegalStateException()
                    .isThrownBy(() -> scale.launch(stream, 1, 1, 1, 32, 0, arguments))
                    .withMessage("scale takes 3 arguments, 2 are set");
            arguments.real(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> arguments.real(1))
                    .withMessage("scale takes 3 arguments, one more is set");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> module.kernel("nothing").launch(stream, 1, 1, 1, 32, 0, arguments))
                    .withMessage("arguments of scale for nothing");
            assertThatIllegalArgumentException().isThrownBy(() -> module.kernel("other"));
        }
    }

    @Test
    void failures_say_where_the_context_is_beyond_repair() {
        assertThat(new CudaException("cuMemAlloc", 2, "CUDA_ERROR_OUT_OF_MEMORY", "").isSticky())
                .isFalse();
        assertThat(new CudaException("cuStreamSynchronize", 700, "CUDA_ERROR_ILLEGAL_ADDRESS", "").isSticky())
                .isTrue();
        assertThat(new CudaException("cuStreamSynchronize", 719, "CUDA_ERROR_LAUNCH_FAILED", "").isSticky())
                .isTrue();
        assertThat(new CudaException("cuStreamSynchronize", 226, "CUDA_ERROR_CONTAINED", "").isSticky())
                .isTrue();
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(() -> {
                    throw new CudaException("cuLaunchKernel", 1, "CUDA_ERROR_INVALID_VALUE", "")
                            .during("scale over 0 x 1 x 1 blocks of 32 threads");
                })
                .withMessage(
                        "cuLaunchKernel for scale over 0 x 1 x 1 blocks of 32 threads: CUDA_ERROR_INVALID_VALUE (1)");
    }
}
