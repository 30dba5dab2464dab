package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.StagePhase;
import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cpu.CpuKernels;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Real workers with the demo model, in one process, over loopback.
class WorkerTest {

    private static final Path MAPS = Path.of("/proc/self/maps");

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<String, Worker> workers = new HashMap<>();
    private final TestPlacement placement = opened(newPlacement());

    @TempDir
    private Path folder = Path.of("");

    private static TestPlacement newPlacement() {
        try {
            return new TestPlacement();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

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

    private void start(String... ids) throws StartException {
        for (String id : ids) {
            start(settings(id, DemoModel.PATH, Long.MAX_VALUE));
        }
    }

    private void start(WorkerSettings settings) throws StartException {
        workers.put(settings.workerId(), opened(Worker.start(settings)));
    }

    private WorkerSettings settings(String id, Path model, long memoryLimit) {
        return settings(id, model, memoryLimit, HandOver.AUTO);
    }

    private WorkerSettings settings(String id, Path model, long memoryLimit, HandOver handOver) {
        return new WorkerSettings(
                model,
                placement.target(),
                "127.0.0.1",
                "",
                0,
                -1,
                id,
                new DeviceSettings.Cpu(1, 2, CpuKernels.AUTO),
                memoryLimit,
                WeightCache.OFF,
                handOver);
    }

    private void stop(String id) {
        Objects.requireNonNull(workers.remove(id)).close();
    }

    private TestPipeline connect(String address) {
        return opened(new TestPipeline(address, placement.epoch()));
    }

    private static void assertAnswersAsKnown(TestPipeline pipeline) throws InterruptedException {
        Map<DemoModel.Conversation, TestPipeline.Output> outputs = new HashMap<>();
        for (DemoModel.Conversation conversation : DemoModel.conversations()) {
            outputs.put(conversation, pipeline.submit(TestPipeline.greedy(conversation.prompt(), 64)));
        }
        for (var entry : outputs.entrySet()) {
            assertThat(entry.getValue().await())
                    .as(entry.getKey().name())
                    .isEqualTo(entry.getKey().answer());
        }
    }

    private static void assertAnswersOne(TestPipeline pipeline) throws InterruptedException {
        DemoModel.Conversation conversation = DemoModel.conversations().getFirst();
        assertThat(pipeline.submit(TestPipeline.greedy(conversation.prompt(), 64))
                        .await())
                .isEqualTo(conversation.answer());
    }

    @Test
    void one_stage_answers_as_known() throws Exception {
        start("a");
        assertAnswersAsKnown(connect(placement.form(1)));
    }

    @Test
    void two_stages_answer_as_known() throws Exception {
        start("a", "b");
        assertAnswersAsKnown(connect(placement.form(2)));
        if (Files.exists(MAPS)) {
            assertThat(sharedMemory()).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({"GRPC, GRPC, GRPC", "AUTO, GRPC, AUTO", "GRPC, AUTO, AUTO"})
    void stages_that_hand_over_in_different_ways_answer_as_known(HandOver first, HandOver middle, HandOver last)
            throws Exception {
        start(settings("a", DemoModel.PATH, Long.MAX_VALUE, first));
        start(settings("b", DemoModel.PATH, Long.MAX_VALUE, middle));
        start(settings("c", DemoModel.PATH, Long.MAX_VALUE, last));
        assertAnswersAsKnown(connect(placement.form(3)));
    }

    @Test
    void three_stages_answer_as_known_to_two_tokenizer_services_at_once() throws Exception {
        start("a", "b", "c");
        String address = placement.form(3);
        TestPipeline other = connect(address);
        DemoModel.Conversation conversation = DemoModel.conversations().getLast();
        TestPipeline.Output output = other.submit(TestPipeline.greedy(conversation.prompt(), 64));
        assertAnswersAsKnown(connect(address));
        assertThat(output.await()).isEqualTo(conversation.answer());
    }

    @Test
    void a_worker_says_who_it_is_what_its_stage_takes_and_how_it_goes() throws Exception {
        start("a");
        placement.awaitWorkers(1);
        assertThat(placement.hello("a").getProtocolVersion()).isEqualTo(1);
        assertThat(placement.hello("a").getModelDigest()).hasSize(64);
        assertThat(placement.hello("a").getDevice()).startsWith("CPU");
        assertThat(placement.hello("a").getAvailableMemoryBytes()).isPositive();
        String address = placement.order(1);
        StageState ready = placement.next().state();
        assertThat(ready.getPhase()).isEqualTo(StagePhase.STAGE_PHASE_READY);
        assertThat(ready.getMemory().getWeightsBytes()).isPositive();
        assertThat(ready.getMemory().getKvBytes()).isPositive();
        assertThat(ready.getMemory().getScratchBytes()).isPositive();
        assertAnswersOne(connect(address));
        StageStatistics statistics = placement.nextStatistics("a");
        assertThat(statistics.getSteps()).isPositive();
        assertThat(statistics.getTokens()).isPositive();
        assertThat(statistics.getPhaseSecondsMap())
                .containsKeys(
                        "schedule",
                        "upload",
                        "compute",
                        "download",
                        "handover",
                        "sample",
                        "wait_work",
                        "wait_neighbour");
        assertThat(statistics.getPhaseSecondsOrThrow("compute")).isPositive();
        assertThat(statistics.getTransferBytesMap()).containsKeys("upload", "download", "handover_in", "handover_out");
        assertThat(statistics.getKvBlocksMap()).containsOnlyKeys("used", "cached", "free");
    }

    @Test
    void when_a_worker_dies_the_others_say_so_and_a_new_epoch_works() throws Exception {
        start("a", "b", "c");
        TestPipeline pipeline = connect(placement.form(3));
        TestPipeline.Output running = pipeline.submit(
                TestPipeline.greedy(DemoModel.conversations().getLast().prompt(), 100));
        TestPipeline.get(running.firstToken);
        stop("b");
        List<TestPlacement.Said> said = List.of(placement.next(), placement.next());
        assertThat(said).extracting(TestPlacement.Said::worker).containsExactlyInAnyOrder("a", "c");
        assertThat(said).extracting(each -> each.state().getPhase()).containsOnly(StagePhase.STAGE_PHASE_LINK_LOST);
        assertThat(pipeline.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertAnswersOne(connect(placement.form(2)));
        start("d");
        assertAnswersOne(connect(placement.form(3)));
    }

    @Test
    void a_tokenizer_service_that_goes_away_takes_its_sequences_along() throws Exception {
        start("a", "b");
        String address = placement.form(2);
        TestPipeline pipeline = connect(address);
        for (DemoModel.Conversation conversation : DemoModel.conversations()) {
            pipeline.submit(TestPipeline.greedy(conversation.prompt(), 100).clearEndTokenIds());
        }
        pipeline.close();
        TestPipeline half = connect(address);
        half.submit(TestPipeline.greedy(List.of(1, 2, 3), 300).clearEndTokenIds());
        half.halfClose();
        assertThat(half.awaitEnd().isOk()).isTrue();
        assertAnswersOne(connect(address));
        StageStatistics statistics = placement.nextStatistics("a");
        assertThat(statistics.getRunningSequences()).isZero();
        assertThat(statistics.getWaitingSequences()).isZero();
        assertThat(statistics.getKvBlocksOrThrow("used")).isZero();
    }

    @Test
    void a_cancelled_sequence_is_not_heard_of_again() throws Exception {
        start("a");
        TestPipeline pipeline = connect(placement.form(1));
        TestPipeline.Output output =
                pipeline.submit(TestPipeline.greedy(List.of(1, 2, 3), 300).clearEndTokenIds());
        TestPipeline.get(output.firstToken);
        pipeline.send(ArrivalBatch.newBuilder().setEpoch(placement.epoch()).addCancelled(1));
        assertAnswersOne(pipeline);
        assertThat(output.finished).isNotDone();
        assertThat(placement.nextStatistics("a").getRunningSequences()).isZero();
    }

    @Test
    void a_batch_of_another_epoch_ends_its_stream_alone() throws Exception {
        start("a");
        String address = placement.form(1);
        TestPipeline pipeline = connect(address);
        TestPipeline old = connect(address);
        old.send(ArrivalBatch.newBuilder().setEpoch(placement.epoch() - 1));
        assertThat(old.awaitEnd().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertAnswersOne(pipeline);
    }

    @Test
    void an_invalid_sequence_is_refused_and_its_stream_goes_on() throws Exception {
        start("a");
        TestPipeline pipeline = connect(placement.form(1));
        TestPipeline.Output invalid = pipeline.submit(TestPipeline.greedy(List.of(1, 2048), 5));
        assertThat(TestPipeline.get(invalid.refused).getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_INVALID);
        assertThat(TestPipeline.get(invalid.refused).getMessage()).contains("token_ids has id 2048", "below 2048");
        assertAnswersOne(pipeline);
    }

    @Test
    void a_tokenizer_service_that_reads_less_than_it_causes_is_cut_and_stops_nobody() throws Exception {
        start("a");
        String address = placement.form(1);
        TestPipeline slow = opened(TestPipeline.deaf(address, placement.epoch()));
        ArrivalBatch.Builder refused = ArrivalBatch.newBuilder().setEpoch(placement.epoch());
        for (int id = 0; id < 5000; id++) {
            refused.addSubmitted(TestPipeline.greedy(List.of(5000), 1).setSequenceId(id));
        }
        while (!slow.hasEnded()) {
            slow.sendUntilStuck(refused);
            assertAnswersOne(connect(address));
            slow.hear(200);
        }
        assertThat(slow.awaitEnd().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertAnswersOne(connect(address));
    }

    @Test
    void a_worker_without_a_first_stage_takes_no_sequences() throws Exception {
        start("a");
        placement.awaitWorkers(1);
        TestPipeline pipeline = connect(placement.hello("a").getAddress());
        assertThat(pipeline.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void a_stage_that_does_not_fit_is_refused_with_numbers() throws Exception {
        start(settings("a", DemoModel.PATH, 1 << 20));
        placement.order(1);
        StageState state = placement.next().state();
        assertThat(state.getPhase()).isEqualTo(StagePhase.STAGE_PHASE_FAILED);
        assertThat(state.getMessage()).matches("the stage needs .* MiB .* but 1.0 MiB are allowed; .*");
    }

    @Test
    void an_error_while_a_stage_is_set_up_is_said() throws Exception {
        ModelFacts facts = new ModelFacts("0".repeat(64), DemoModel.LAYERS, 64, 4096);
        opened(Worker.start(settings("a", DemoModel.PATH, Long.MAX_VALUE), (settings, device) -> new StageModels() {
            @Override
            public ModelFacts facts() {
                return facts;
            }

            @Override
            public MemoryUse plan(LayerSpan span, StepLimits limits) {
                throw new UnsatisfiedLinkError("no such function");
            }

            @Override
            public StageModel load(LayerSpan span, StepLimits limits, LoadProgress progress) {
                throw new IllegalStateException("there is no plan");
            }
        }));
        placement.order(1);
        StageState state = placement.next().state();
        assertThat(state.getPhase()).isEqualTo(StagePhase.STAGE_PHASE_FAILED);
        assertThat(state.getMessage()).contains("no such function");
    }

    @Test
    void orders_that_make_no_sense_are_refused() throws Exception {
        start("a");
        placement.awaitWorkers(1);
        placement.assign("a", placement.assignment(2, 2));
        assertThat(placement.next().state().getMessage()).contains("stage = 2");
        placement.assign("a", placement.assignment(0, 1).setLayerCount(5));
        assertThat(placement.next().state().getMessage()).contains("layers 0..4 of a model with 4");
        placement.assign("a", placement.assignment(0, 2).setLayerCount(4));
        assertThat(placement.next().state().getMessage()).contains("layers 0..3 of a model with 4");
        placement.assign("a", placement.assignment(0, 1).setBatchTokens(1 << 30));
        assertThat(placement.next().state().getMessage()).contains("lower the token budget");
        assertAnswersOne(connect(placement.form(1)));
    }

    @Test
    void workers_with_different_models_do_not_work_together() throws Exception {
        byte[] bytes = Files.readAllBytes(DemoModel.PATH);
        String key = "general.name";
        // Behind the key stand its type (4 bytes) and the length of the value (8 bytes).
        int value = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(key) + key.length() + 12;
        bytes[value]++;
        Path other = Files.write(folder.resolve("other.gguf"), bytes);
        start("a");
        start(settings("b", other, Long.MAX_VALUE));
        placement.order(2);
        List<TestPlacement.Said> said = List.of(placement.next(), placement.next());
        assertThat(said).noneMatch(each -> each.state().getPhase() == StagePhase.STAGE_PHASE_READY);
        assertThat(said)
                .anyMatch(each -> each.state().getPhase() == StagePhase.STAGE_PHASE_FAILED
                        && each.state().getMessage().contains("model digest"));
    }

    @Test
    void a_newer_order_interrupts_waiting_for_neighbours() throws Exception {
        start("a");
        placement.awaitWorkers(1);
        placement.assign(
                "a",
                placement
                        .assignment(0, 2)
                        .setLayerCount(2)
                        .setNextAddress("127.0.0.1:1")
                        .setFirstAddress("x"));
        assertAnswersOne(connect(placement.form(1)));
    }

    @Test
    void a_released_stage_serves_nobody() throws Exception {
        start("a");
        String address = placement.form(1);
        TestPipeline pipeline = connect(address);
        assertAnswersOne(pipeline);
        placement.release("a");
        assertThat(pipeline.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertAnswersOne(connect(placement.form(1)));
    }

    @Test
    void a_worker_that_lost_the_tokenizer_service_serves_nobody_and_registers_again() throws Exception {
        start("a");
        TestPipeline pipeline = connect(placement.form(1));
        assertAnswersOne(pipeline);
        placement.drop("a");
        assertThat(pipeline.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        placement.awaitWorkers(1);
        assertAnswersOne(connect(placement.form(1)));
    }

    @Test
    void epochs_leave_no_threads_no_sequences_and_no_shared_memory_behind() throws Exception {
        start("a", "b");
        assertAnswersOne(connect(placement.form(2)));
        int threads = Thread.activeCount();
        for (int epoch = 0; epoch < 50; epoch++) {
            String address = placement.form(2);
            try (TestPipeline pipeline = new TestPipeline(address, placement.epoch())) {
                TestPipeline.Output output = pipeline.submit(
                        TestPipeline.greedy(List.of(1, 2, 3), 300).clearEndTokenIds());
                TestPipeline.get(output.firstToken);
            }
        }
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 2);
        assertThat(sharedMemory()).isLessThan(50);
        assertAnswersOne(connect(placement.form(2)));
    }

    /// Pieces that this process has of memory for rows.
    private static long sharedMemory() throws IOException {
        if (!Files.exists(MAPS)) {
            return 0;
        }
        try (Stream<String> pieces = Files.lines(MAPS)) {
            return pieces.filter(piece -> piece.contains("millrace-rows")).count();
        }
    }

    /// A CPU that is lost with its first step.
    private static final class LostDevice implements Device {

        private final Device cpu = new CpuDevice(1);
        private final AtomicBoolean lost = new AtomicBoolean();

        @Override
        public String description() {
            return "a device that gets lost";
        }

        @Override
        public DeviceThread thread() {
            return cpu.thread();
        }

        @Override
        public boolean isLost() {
            return lost.get();
        }

        @Override
        public DeviceMemory allocate(StepLimits limits) {
            return cpu.allocate(limits);
        }

        @Override
        public DeviceMemory measure(StepLimits limits) {
            return cpu.measure(limits);
        }

        @Override
        public void close() {
            cpu.close();
        }
    }

    @Test
    void a_worker_tells_when_its_device_is_lost() throws Exception {
        LostDevice device = new LostDevice();
        ModelFacts facts = new ModelFacts("0".repeat(64), DemoModel.LAYERS, 64, 4096);
        Worker worker = opened(Worker.start(
                settings("a", DemoModel.PATH, Long.MAX_VALUE), (settings, ledger) -> device, (settings, ignored) -> {
                    return new IdleModels(facts, () -> {
                        device.lost.set(true);
                        throw new IllegalStateException("the device is lost");
                    });
                }));
        TestPipeline pipeline = connect(placement.form(1));
        assertThat(worker.deviceLost()).isNotDone();
        pipeline.submit(TestPipeline.greedy(List.of(1, 2), 3));

        assertThat(TestPipeline.get(worker.deviceLost())).isEqualTo("a device that gets lost");
    }

    @Test
    void a_port_in_use_is_said_in_one_line() throws Exception {
        start("a");
        Worker running = workers.values().iterator().next();
        WorkerSettings settings = settings("b", DemoModel.PATH, Long.MAX_VALUE);
        assertThatThrownBy(() -> Worker.start(new WorkerSettings(
                        settings.model(),
                        settings.tokenizer(),
                        settings.host(),
                        "",
                        running.port(),
                        -1,
                        "b",
                        new DeviceSettings.Cpu(1, 2, CpuKernels.AUTO),
                        Long.MAX_VALUE,
                        WeightCache.OFF,
                        HandOver.AUTO)))
                .isInstanceOf(StartException.class)
                .hasMessage("cannot listen on 127.0.0.1:" + running.port() + " for gRPC: Address already in use");
    }

    @Test
    void a_missing_or_broken_model_is_said_in_one_line() throws Exception {
        Path missing = folder.resolve("missing.gguf");
        assertThatThrownBy(() -> start(settings("a", missing, Long.MAX_VALUE)))
                .isInstanceOf(StartException.class)
                .hasMessage("there is no model file " + missing);
        Path broken = Files.writeString(folder.resolve("broken.gguf"), "not a model at all, but long enough");
        assertThatThrownBy(() -> start(settings("a", broken, Long.MAX_VALUE)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("broken.gguf");
    }
}
