package dev.millrace.worker.kernel.cuda.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/// A driver library that computes on the CPU, where a C++ compiler is at hand.
final class FakeLibrary {

    private static final Path SOURCES = Path.of("..", "..", "shared", "cuda-spike");
    private static final Path FILE =
            Path.of("target", "fake-cuda", "libcuda.so.1").toAbsolutePath();

    /// What the sources lack.
    private static final String SUPPLEMENT = """
            #include "fakecuda.cpp"
            API cuDevicePrimaryCtxRelease_v2(int) { return 0; }
            API cuEventDestroy_v2(void *e) { delete (Event *)e; return 0; }
            API cuEventQuery(void *) { return 0; }
            API cuFuncGetAttribute(int *v, int, void *) { *v = 0; return 0; }
            API cuMemsetD32Async(void *d, unsigned w, size_t n, void *st) {
              return put(st, [=] { std::fill_n((unsigned *)d, n, w); }); }
            API cuMemcpyDtoDAsync_v2(void *d, const void *s, size_t n, void *st) {
              return put(st, [=] { memcpy(d, s, n); }); }
            API cuStreamWaitEvent(void *, void *, unsigned) { return 0; }
            API cuDeviceGetUuid(char *u, int) { memset(u, 7, 16); return 0; }
            API cuDeviceGetPCIBusId(char *s, int n, int) { snprintf(s, n, "0000:01:00.0"); return 0; }
            """;

    private FakeLibrary() {}

    /// Makes it the driver of this process, or skips the test.
    static void require() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isDirectory(SOURCES), "skipped: no fake driver's sources");
        Files.createDirectories(FILE.getParent());
        Path source = Files.writeString(FILE.resolveSibling("fake.cpp"), SUPPLEMENT);
        List<String> command = List.of(
                "g++",
                "-std=c++17",
                "-O2",
                "-march=x86-64-v3",
                "-fPIC",
                "-fvisibility=hidden",
                "-shared",
                "-Wl,-soname,libcuda.so.1",
                "-I",
                SOURCES.toString(),
                "-o",
                FILE.toString(),
                "-x",
                "c++",
                source.toString(),
                "-x",
                "assembler",
                SOURCES.resolve("shim_switch.S").toString());
        boolean built = Files.exists(FILE) || run(command) == 0;
        Assumptions.assumeTrue(built, "skipped: g++ does not build the fake driver");
        System.setProperty(DriverLibrary.PROPERTY, FILE.toString());
    }

    private static int run(List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            return 1;
        }
    }
}
