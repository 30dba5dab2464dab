package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.cpu.CpuKernels;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a token costs in allocated bytes over the whole path of a step but the kernels: engine and network threads of
/// real workers over loopback, with arrivals, hand-overs and reports.
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

    /// Netty allocates about 500 bytes for each message that is sent or received, so one sequence alone over two
    /// stages,
    /// five messages a token, costs more than 1 KB in each process.
    @ParameterizedTest
    @CsvSource({"1, 1, 1024", "1, 8, 512", "2, 1, 6144", "2, 8, 2048"})
    void a_token_costs_little(int stages, int sequences, long mostBytesOfAllWorkers) throws Exception {
        TestPlacement placement = opened(new TestPlacement());
        for (int stage = 0; stage < stages; stage++) {
            WorkerSettings settings = new WorkerSettings(
                    DemoModel.PATH,
                    placement.target(),
                    "127.0.0.1",
                    "",
                    0,
                    -1,
                    "worker-" + stage,
                    new DeviceSettings(1, 1, CpuKernels.AUTO),
                    Long.MAX_VALUE);
            ModelFacts facts = new ModelFacts("0".repeat(64), DemoModel.LAYERS, 1024, 4096);
            opened(Worker.start(settings, (given, device) -> new IdleModels(facts)));
        }
        DecodingClient client = opened(new DecodingClient(placement.form(stages), placement.epoch(), sequences));

        long bytes = bytesPerToken(client);
        // The first rounds run in the interpreter, which puts everything on the heap.
        for (int round = 1; round < MOST_ROUNDS && bytes > mostBytesOfAllWorkers; round++) {
            bytes = bytesPerToken(client);
        }

        assertThat(bytes).isLessThanOrEqualTo(mostBytesOfAllWorkers);
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
