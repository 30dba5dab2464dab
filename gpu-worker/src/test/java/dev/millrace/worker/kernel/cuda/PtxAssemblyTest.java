package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Every kernel for every kind of device that is served, without one.
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class PtxAssemblyTest {

    private static final List<String> TARGETS = List.of("sm_80", "sm_86", "sm_89", "sm_90");

    /// Registers of a processor, and the most that a thread may take so that more than one block fits on it.
    private static final int PROCESSOR_REGISTERS = 65536;

    private static final int MOST_REGISTERS = 128;
    private static final int MOST_SHARED_BYTES = 48 << 10;

    @BeforeAll
    static void assembler() throws IOException {
        PtxAssembler.load();
    }

    @Test
    void kernels_assemble_within_their_bounds() throws IOException {
        List<PtxAssembler.Usage> usages = new ArrayList<>();
        for (String source : CudaSources.names(CudaSources.PTX, ".ptx")) {
            String ptx = CudaSources.ptx(source);
            for (String target : TARGETS) {
                for (PtxAssembler.Usage usage : PtxAssembler.assemble(ptx, target)) {
                    check(usage, threads(ptx, usage.kernel()));
                    usages.add(usage);
                }
            }
        }
        assertThat(usages).isNotEmpty();
        print(usages);
    }

    /// A pointer that the compiler cannot place makes each load ask first whether it is shared memory.
    @Test
    void products_know_that_matrices_are_in_device_memory() throws IOException {
        Pattern unplaced = Pattern.compile("\\b(ld|st)\\.(v[24]\\.)?[usfb]\\d+\\s");
        for (String source : CudaSources.names(CudaSources.PTX, ".ptx")) {
            if (source.startsWith("project")) {
                assertThat(unplaced.matcher(CudaSources.ptx(source)).results())
                        .as("loads and stores of %s", source)
                        .isEmpty();
            }
        }
    }

    @Test
    void text_that_is_no_ptx_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PtxAssembler.assemble(".version 7.8\n.target sm_80\nnonsense\n", "sm_80"))
                .withMessageContaining("nonsense");
    }

    private static void check(PtxAssembler.Usage usage, int threads) {
        assertThat(usage.spilledBytes()).as("spills of %s", usage).isZero();
        assertThat(usage.registers())
                .as("registers of %s for %d threads", usage, threads)
                .isLessThanOrEqualTo(Math.min(MOST_REGISTERS, PROCESSOR_REGISTERS / threads));
        assertThat(usage.sharedBytes()).as("shared memory of %s", usage).isLessThanOrEqualTo(MOST_SHARED_BYTES);
    }

    /// Those of the kernel's launch bounds: without, the assembler could take more registers than a launch finds.
    private static int threads(String ptx, String kernel) {
        Matcher bounds = Pattern.compile("\\.entry " + kernel + "\\([^)]*\\)\\s*\\.maxntid (\\d+)")
                .matcher(ptx);
        assertThat(bounds.find()).as("__launch_bounds__ of kernel %s", kernel).isTrue();
        return Integer.parseInt(bounds.group(1));
    }

    private static void print(List<PtxAssembler.Usage> usages) {
        System.out.println("kernel, highest of " + TARGETS + ": registers, bytes of shared memory");
        usages.stream()
                .map(PtxAssembler.Usage::kernel)
                .distinct()
                .forEach(kernel -> usages.stream()
                        .filter(usage -> usage.kernel().equals(kernel))
                        .max(Comparator.comparingInt(PtxAssembler.Usage::registers))
                        .ifPresent(usage ->
                                System.out.printf("%-32s %4d %6d%n", kernel, usage.registers(), usage.sharedBytes())));
    }
}
