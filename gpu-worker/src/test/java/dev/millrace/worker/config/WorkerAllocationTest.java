package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.cpu.CpuKernels;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What a token costs in allocated bytes over the whole path of a step: engine, kernel and network threads of real
/// workers over loopback, with arrivals, hand-overs and reports.
class WorkerAllocationTest {

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUND_TOKENS = 4_000;
    private static final int MOST_ROUNDS = 20;

    private final List<AutoCloseable> open = new ArrayList<>();

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    /// Without kernels. Netty allocates about 500 bytes for each message that is sent or received, so one sequence
    /// alone over two
    /// stages,
    /// five messages a token, costs more than 1 KB in each process.
    @ParameterizedTest
    @CsvSource({"1, 1, 1024", "1, 8, 512", "2, 1, 6144", "2, 8, 2048"})
    void a_token_costs_little(int stages, int sequences, long mostBytesOfAllWorkers) throws Exception {
        TestPlacement placement = opened(new TestPlacement());
        for (int stage = 0; stage < stages; stage++) {
            WorkerSettings settings = settings(placement, "worker-" + stage, CpuKernels.AUTO);
            ModelFacts facts = new ModelFacts("0".repeat(64), DemoModel.LAYERS, 1024, 4096);
            opened(Worker.start(settings, (given, device) -> new IdleModels(facts)));
        }
        DecodingClient client = opened(new DecodingClient(placement.form(stages), placement.epoch(), sequences));

        assertThat(bytesPerTokenWhenWarm(client, mostBytesOfAllWorkers)).isLessThanOrEqualTo(mostBytesOfAllWorkers);
    }

    static Stream<Arguments> kernels() {
        return Stream.of(CpuKernels.VECTOR, CpuKernels.NATIVE)
                .filter(kernels -> kernels == CpuKernels.VECTOR || CpuKernels.whyNotNative() == null)
                .flatMap(kernels -> Stream.of(Arguments.of(kernels, 1, 1024), Arguments.of(kernels, 8, 512)));
    }

    /// With the demo model, whose kernels put next to nothing on the heap: sequences run from 20 to 320 tokens, over
    /// every place in a block.
    @ParameterizedTest
    @MethodSource("kernels")
    void a_token_of_a_real_model_costs_little(CpuKernels kernels, int sequences, long mostBytes) throws Exception {
        TestPlacement placement = opened(new TestPlacement());
        opened(Worker.start(settings(placement, "worker", kernels)));
        DecodingClient client = opened(new DecodingClient(placement.form(1), placement.epoch(), sequences));

        assertThat(bytesPerTokenWhenWarm(client, mostBytes)).isLessThanOrEqualTo(mostBytes);
    }

    private static WorkerSettings settings(TestPlacement placement, String worker, CpuKernels kernels) {
        return new WorkerSettings(
                DemoModel.PATH,
                placement.target(),
                "127.0.0.1",
                "",
                0,
                -1,
                worker,
                new DeviceSettings.Cpu(1, 1, kernels),
                Long.MAX_VALUE,
                WeightCache.OFF);
    }

    /// The first rounds run in the interpreter, which puts everything on the heap.
    private static long bytesPerTokenWhenWarm(DecodingClient client, long mostBytes) throws InterruptedException {
        long bytes = bytesPerToken(client);
        for (int round = 1; round < MOST_ROUNDS && bytes > mostBytes; round++) {
            bytes = bytesPerToken(client);
        }
        return bytes;
    }

    private static long bytesPerToken(DecodingClient client) throws InterruptedException {
        long tokens = client.tokens.get();
        long before = allocated();
        while (client.tokens.get() < tokens + ROUND_TOKENS) {
            assertThat(client.end).isNotDone();
            Thread.sleep(1);
        }
        return (allocated() - before) / (client.tokens.get() - tokens);
    }

    private static long allocated() {
        long bytes = 0;
        for (ThreadInfo info : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (info != null && info.getThreadName().matches("(engine|kernel|grpc|timer).*")) {
                bytes += Math.max(0, THREADS.getThreadAllocatedBytes(info.getThreadId()));
            }
        }
        return bytes;
    }
}
