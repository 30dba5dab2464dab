package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.StagePhase;
import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.worker.kernel.cuda.CudaDevices;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Workers with the demo model on CUDA devices, with the driver that computes on the CPU.
class CudaWorkerTest {

    private static final int TOKENS = 12;

    private final FakeDriver fake = FakeDriver.start(2);
    private final TestPlacement placement = newPlacement();

    private static TestPlacement newPlacement() {
        try {
            return new TestPlacement();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        placement.close();
    }

    private Worker start(String id, int ordinal) throws StartException {
        return Worker.start(new WorkerSettings(
                DemoModel.PATH,
                placement.target(),
                "127.0.0.1",
                "",
                0,
                -1,
                id,
                new DeviceSettings.Cuda(
                        CudaDevices.find().choose(List.of(ordinal)).getFirst(), true),
                Long.MAX_VALUE,
                WeightCache.OFF));
    }

    private void assertAnswersAsTheCpu(String address) throws InterruptedException {
        DemoModel.Conversation conversation = DemoModel.conversations().getFirst();
        try (TestPipeline pipeline = new TestPipeline(address, placement.epoch())) {
            assertThat(pipeline.submit(TestPipeline.greedy(conversation.prompt(), TOKENS))
                            .await())
                    .isEqualTo(conversation.answer().subList(0, TOKENS));
        }
    }

    @Test
    void a_worker_answers_as_known_and_gives_everything_back() throws Exception {
        try (Worker worker = start("a", 1)) {
            placement.awaitWorkers(1);
            assertThat(placement.hello("a").getDevice()).startsWith("CUDA 1, Fake GPU 1");
            // 1/16 is kept.
            assertThat(placement.hello("a").getAvailableMemoryBytes()).isEqualTo((4L << 30) - (4L << 26));
            String address = placement.order(1);
            StageState ready = placement.next().state();
            assertThat(ready.getPhase()).isEqualTo(StagePhase.STAGE_PHASE_READY);
            assertThat(placement.progress())
                    .hasSizeBetween(5, 11)
                    .first()
                    .isEqualTo("loading stage 0 of 1, layers 0..3");
            assertThat(placement.progress()).last().asString().matches("loaded (.* MiB) of \\1");
            long planned = ready.getMemory().getWeightsBytes()
                    + ready.getMemory().getKvBytes()
                    + ready.getMemory().getScratchBytes();
            assertThat(fake.takenBytes(1)).isEqualTo(ready.getMemory().getMeasuredBytes());
            // Each piece is rounded up to 256 bytes.
            assertThat(fake.takenBytes(1)).isBetween(planned, planned + (1 << 16));
            assertAnswersAsTheCpu(address);
            StageStatistics statistics = placement.nextStatistics("a");
            assertThat(statistics.getTransferBytesOrThrow("upload")).isPositive();
            assertThat(statistics.getTransferBytesOrThrow("download")).isPositive();
            assertThat(worker.deviceLost()).isNotDone();
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void two_stages_share_a_card() throws Exception {
        try (Worker first = start("a", 0);
                Worker last = start("b", 0)) {
            assertThat(first.port()).isNotEqualTo(last.port());
            assertAnswersAsTheCpu(placement.form(2));
        }
        assertThat(fake.leaks()).isEmpty();
        assertThat(fake.takenBytes(0)).isZero();
    }

    @Test
    void a_stage_that_does_not_fit_is_refused_with_numbers_and_names_and_fits_when_there_is_room() throws Exception {
        fake.memory(0, 1L << 30, 960L << 20);
        try (Worker worker = start("a", 0)) {
            assertThat(worker.metricsPort()).isEqualTo(-1);
            placement.order(1);
            StageState refused = placement.next().state();
            assertThat(refused.getPhase()).isEqualTo(StagePhase.STAGE_PHASE_FAILED);
            assertThat(refused.getMessage())
                    .matches("the stage needs .* MiB \\(weights .*\\), but 0 bytes are available on CUDA 0, Fake GPU 0,"
                            + " .* \\(64\\.0 MiB of 1\\.0 GiB are free, 64\\.0 MiB of these are kept;"
                            + " also there: process-1, process 1, 1024 MiB\\); more stages, .*");
            fake.memory(0, 1L << 30, 0);
            assertAnswersAsTheCpu(placement.form(1));
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void memory_that_somebody_else_takes_meanwhile_is_a_refusal_and_not_the_end() throws Exception {
        try (Worker worker = start("a", 0)) {
            placement.awaitWorkers(1);
            fake.fail("cuMemAlloc", 20, 2);
            placement.order(1);
            StageState refused = placement.next().state();
            assertThat(refused.getPhase()).isEqualTo(StagePhase.STAGE_PHASE_FAILED);
            assertThat(refused.getMessage())
                    .startsWith("the stage cannot be loaded: cuMemAlloc for weights")
                    .contains("CUDA_ERROR_OUT_OF_MEMORY (2) on CUDA 0, Fake GPU 0", "also there: process-1");
            assertThat(worker.deviceLost()).isNotDone();
            assertAnswersAsTheCpu(placement.form(1));
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void a_device_that_is_lost_while_loading_is_told() throws Exception {
        try (Worker worker = start("a", 0)) {
            placement.awaitWorkers(1);
            fake.fail("cuLaunchKernel", 3, 700);
            placement.order(1);
            assertThat(placement.next().state().getPhase()).isEqualTo(StagePhase.STAGE_PHASE_FAILED);
            assertThat(TestPipeline.get(worker.deviceLost())).startsWith("CUDA 0, Fake GPU 0");
        }
        assertThat(fake.leaks()).isEmpty();
    }
}
