package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.StagePhase;
import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.worker.kernel.cuda.CudaDevices;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        return Worker.start(settings(id, ordinal, HandOver.AUTO));
    }

    private Workers start(HandOver handOver, int... ordinals) throws StartException {
        List<WorkerSettings> settings = new ArrayList<>();
        for (int ordinal : ordinals) {
            settings.add(settings("w" + settings.size(), ordinal, handOver));
        }
        return Workers.start(settings);
    }

    private WorkerSettings settings(String id, int ordinal, HandOver handOver) {
        return new WorkerSettings(
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
                WeightCache.OFF,
                handOver);
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

    /// Between devices of a process: only steps go up, only tokens come down.
    @ParameterizedTest
    @CsvSource({"0, 1, 1", "0, 0, 0", "1, 0, 1"})
    void rows_go_from_device_to_device_within_a_process(int first, int middle, int last) throws Exception {
        try (Workers workers = start(HandOver.AUTO, first, middle, last)) {
            assertThat(workers.all()).hasSize(3);
            String address = placement.form(3);
            fake.clearCounts();
            assertAnswersAsTheCpu(address);
            StageStatistics start = placement.nextStatistics("w0");
            long steps = start.getSteps();
            long rowBytes = start.getTransferBytesOrThrow("handover_out");
            assertThat(start.getTransferBytesOrThrow("download")).isZero();
            StageStatistics between = placement.nextStatistics("w1");
            assertThat(between.getTransferBytesOrThrow("download")).isZero();
            assertThat(between.getTransferBytesOrThrow("handover_in")).isEqualTo(rowBytes);
            assertThat(between.getTransferBytesOrThrow("handover_out")).isEqualTo(rowBytes);
            assertThat(between.getTransferBytesOrThrow("upload"))
                    .isEqualTo(start.getTransferBytesOrThrow("upload"))
                    .isLessThan(rowBytes);
            assertThat(placement.nextStatistics("w2").getTransferBytesOrThrow("download"))
                    .isEqualTo(8L * TOKENS);
            assertThat(fake.count("cuMemcpyPeerAsync"))
                    .isEqualTo(steps * ((first == middle ? 0 : 1) + (middle == last ? 0 : 1)));

            long taken = fake.takenBytes(middle);
            assertAnswersAsTheCpu(placement.form(3));
            assertThat(fake.takenBytes(middle)).isEqualTo(taken);
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void rows_go_through_the_host_where_that_is_asked_for() throws Exception {
        try (Workers workers = start(HandOver.GRPC, 0, 1)) {
            assertAnswersAsTheCpu(placement.form(2));
            assertThat(placement.nextStatistics("w0").getTransferBytesOrThrow("download"))
                    .isPositive();
            assertThat(workers.deviceLost()).isNotDone();
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void rows_go_through_the_host_where_a_device_has_no_room_for_slots() throws Exception {
        try (Workers workers = start(HandOver.AUTO, 0, 1)) {
            assertAnswersAsTheCpu(placement.form(2));
            placement.release("w0");
            placement.release("w1");
            // Both stages are loaded: only the slots are left.
            fake.fail("cuMemAlloc", 1, 2);
            assertAnswersAsTheCpu(placement.form(2));
            assertThat(fake.pendingFaults()).isZero();
            assertThat(placement.nextStatistics("w0").getTransferBytesOrThrow("download"))
                    .isPositive();
            assertThat(workers.deviceLost()).isNotDone();
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuMemcpyPeerAsync", "cuMemcpyDtoHAsync"})
    void a_device_that_is_lost_ends_the_epoch_of_its_neighbour_and_leaves_nothing(String call) throws Exception {
        try (Workers workers = start(HandOver.AUTO, 0, 1);
                TestPipeline pipeline = new TestPipeline(placement.form(2), placement.epoch())) {
            fake.fail(call, 4, 700);
            pipeline.submit(
                    TestPipeline.greedy(DemoModel.conversations().getFirst().prompt(), TOKENS));
            List<TestPlacement.Said> said = List.of(placement.next(), placement.next());
            assertThat(said).extracting(TestPlacement.Said::worker).containsExactlyInAnyOrder("w0", "w1");
            assertThat(said).extracting(each -> each.state().getPhase()).containsOnly(StagePhase.STAGE_PHASE_LINK_LOST);
            assertThat(TestPipeline.get(workers.deviceLost())).startsWith("CUDA");
        }
        assertThat(fake.leaks()).isEmpty();
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
