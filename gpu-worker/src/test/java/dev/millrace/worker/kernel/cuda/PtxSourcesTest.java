package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import org.junit.jupiter.api.Test;

class PtxSourcesTest {

    @Test
    void each_kernel_has_its_ptx() throws IOException {
        assertThat(CudaSources.names(CudaSources.PTX, ".ptx")).isEqualTo(CudaSources.names(CudaSources.SOURCES, ".cu"));
    }

    @Test
    void each_is_known_to_the_build() throws IOException {
        assertThat(CudaKernels.files()).isEqualTo(CudaSources.names(CudaSources.SOURCES, ".cu"));
    }

    @Test
    void ptx_was_compiled_from_its_sources() throws IOException, NoSuchAlgorithmException {
        for (String kernel : CudaSources.names(CudaSources.SOURCES, ".cu")) {
            assertThat(CudaSources.ptx(kernel).lines().findFirst())
                    .as("%s.ptx: run src/main/cuda/regenerate, or mvn -Pptx generate-resources", kernel)
                    .contains("// sources " + CudaSources.hash(kernel));
        }
    }

    @Test
    void ptx_is_of_a_version_that_drivers_since_520_take() throws IOException {
        for (String kernel : CudaSources.names(CudaSources.SOURCES, ".cu")) {
            assertThat(CudaSources.ptx(kernel))
                    .as(kernel)
                    .contains("\n.version 7.8\n")
                    .contains("\n.target sm_80\n");
        }
    }
}
