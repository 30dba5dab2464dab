package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.kernel.MemoryHolder;
import dev.millrace.worker.kernel.MemoryInfo;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.model.OneStepModel;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import dev.millrace.worker.weights.UnusableModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ModelShelfTest {

    private static final LayerSpan FRONT = new LayerSpan(0, 2, 4);
    private static final LayerSpan BACK = new LayerSpan(2, 2, 4);
    private static final StepLimits LIMITS = new StepLimits(64, 4, 128, 16, 100);

    private final CountedModels models = new CountedModels();
    private final ModelShelf shelf = new ModelShelf(models, new MemoryBudget(1000, SystemMemory.ofThisMachine()));

    @TempDir
    private Path folder = Path.of("");

    private static final class CountedModels implements StageModels {
        int loaded;
        int closed;
        int taken;
        Runnable atLoad = () -> {};
        boolean broken;
        long bytes = 300;

        @Override
        public ModelFacts facts() {
            return new ModelFacts("digest", 4, 8, 100);
        }

        @Override
        public MemoryUse plan(LayerSpan span, StepLimits limits) throws IOException {
            return new MemoryUse(bytes, 1, 2);
        }

        @Override
        public StageModel load(LayerSpan span, StepLimits limits, LoadProgress progress) {
            loaded++;
            atLoad.run();
            return new OneStepModel() {
                @Override
                public int hiddenSize() {
                    return 8;
                }

                @Override
                public int vocabularySize() {
                    return 100;
                }

                @Override
                public boolean isBroken() {
                    return broken;
                }

                @Override
                public boolean takeReserved() {
                    return ++taken < 3;
                }

                @Override
                public void close() {
                    super.close();
                    closed++;
                }
            };
        }
    }

    @Test
    void the_same_stage_is_loaded_once() throws Exception {
        StageModel model = shelf.take(FRONT, LIMITS, LoadProgress.IGNORED).model();
        ModelShelf.Entry again = shelf.take(FRONT, LIMITS, LoadProgress.IGNORED);
        assertThat(again.model()).isSameAs(model);
        assertThat(again.memory().weightsBytes()).isEqualTo(300);
        assertThat(again.memory().kvBytes()).isEqualTo(1);
        assertThat(again.memory().scratchBytes()).isEqualTo(2);
        assertThat(models.loaded).isEqualTo(1);
        assertThat(models.closed).isZero();
    }

    @Test
    void a_stage_that_its_device_has_left_broken_is_loaded_anew() throws Exception {
        shelf.take(FRONT, LIMITS, LoadProgress.IGNORED);
        models.broken = true;
        shelf.take(FRONT, LIMITS, LoadProgress.IGNORED);
        assertThat(models.closed).isEqualTo(1);
        assertThat(models.loaded).isEqualTo(2);
    }

    @Test
    void other_layers_or_limits_replace_the_stage() throws Exception {
        shelf.take(FRONT, LIMITS, LoadProgress.IGNORED);
        shelf.take(BACK, LIMITS, LoadProgress.IGNORED);
        assertThat(models.closed).isEqualTo(1);
        shelf.take(BACK, new StepLimits(64, 4, 128, 17, 100), LoadProgress.IGNORED);
        assertThat(models.loaded).isEqualTo(3);
        assertThat(models.closed).isEqualTo(2);
        shelf.close();
        assertThat(models.closed).isEqualTo(3);
    }

    @Test
    void a_stage_that_is_too_large_is_refused_and_nothing_stays_loaded() throws Exception {
        shelf.take(FRONT, LIMITS, LoadProgress.IGNORED);
        models.bytes = 2000;
        assertThatThrownBy(() -> shelf.take(BACK, LIMITS, LoadProgress.IGNORED))
                .isInstanceOf(StageRefusedException.class)
                .hasMessageContaining("are allowed");
        assertThat(models.closed).isEqualTo(1);
        assertThat(models.loaded).isEqualTo(1);
    }

    @Test
    void a_model_that_cannot_be_read_is_a_refusal_that_says_why() {
        StageModels broken = new StageModels() {
            @Override
            public ModelFacts facts() {
                return models.facts();
            }

            @Override
            public MemoryUse plan(LayerSpan span, StepLimits limits) {
                throw new UnusableModelException("a tensor is missing");
            }

            @Override
            public StageModel load(LayerSpan span, StepLimits limits, LoadProgress progress) {
                throw new IllegalStateException();
            }
        };
        ModelShelf other = new ModelShelf(broken, new MemoryBudget(1000, SystemMemory.ofThisMachine()));
        assertThatThrownBy(() -> other.take(FRONT, LIMITS, LoadProgress.IGNORED))
                .isInstanceOf(StageRefusedException.class)
                .hasMessage("the stage cannot be loaded: a tensor is missing");
    }

    @Test
    void an_abandoned_stage_is_not_freed() throws Exception {
        shelf.take(FRONT, LIMITS, LoadProgress.IGNORED);
        shelf.abandon();
        shelf.close();
        assertThat(models.closed).isZero();
    }

    private ModelShelf shelfWith(String available) throws IOException {
        Files.writeString(folder.resolve("meminfo"), "MemAvailable: " + available + " kB\n");
        return new ModelShelf(models, new MemoryBudget(Long.MAX_VALUE, new SystemMemory(folder, folder)));
    }

    @Test
    void memory_is_taken_before_a_stage_is_ready_unless_all_stages_have_plenty() throws Exception {
        models.bytes = 1 << 20;
        shelfWith("5000").take(FRONT, LIMITS, LoadProgress.IGNORED);
        assertThat(models.taken).isZero();
        shelfWith("4000").take(FRONT, LIMITS, LoadProgress.IGNORED);
        assertThat(models.taken).isEqualTo(3);
    }

    /// A device of 8 GiB of which a load takes what it is told to.
    private static final class Card implements Device {
        private long freeBytes = 8L << 30;
        private List<MemoryHolder> others = List.of();

        @Override
        public String description() {
            return "CUDA 0, Card";
        }

        @Override
        public DeviceThread thread() {
            throw new IllegalStateException();
        }

        @Override
        public Optional<MemoryInfo> memoryInfo() {
            return Optional.of(new MemoryInfo(freeBytes, 8L << 30, others));
        }

        @Override
        public DeviceMemory allocate(StepLimits limits) {
            throw new IllegalStateException();
        }

        @Override
        public DeviceMemory measure(StepLimits limits) {
            throw new IllegalStateException();
        }

        @Override
        public void close() {}
    }

    private final Card card = new Card();

    private ModelShelf shelfOnCard() {
        return new ModelShelf(models, new MemoryBudget(Long.MAX_VALUE, MemorySource.of(card)));
    }

    private List<String> warnings(Action action) throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(CardMemory.class);
        ListAppender<ILoggingEvent> seen = new ListAppender<>();
        seen.start();
        logger.addAppender(seen);
        try {
            action.run();
        } finally {
            logger.detachAppender(seen);
        }
        return seen.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private interface Action {
        void run() throws Exception;
    }

    @Test
    void what_a_stage_takes_of_a_card_is_measured_there() throws Exception {
        models.bytes = 1L << 30;
        models.atLoad = () -> card.freeBytes -= (1L << 30) + (5 << 20);
        try (ModelShelf onCard = shelfOnCard()) {
            assertThat(onCard.availableBytes()).isEqualTo((8L << 30) - (512L << 20));
            assertThat(warnings(() -> assertThat(onCard.take(FRONT, LIMITS, LoadProgress.IGNORED)
                                    .measuredBytes())
                            .isEqualTo((1L << 30) + (5 << 20))))
                    .isEmpty();
            onCard.settle();
            assertThat(models.taken).isZero();
            // What the stage has makes room for the next one.
            assertThat(onCard.availableBytes()).isEqualTo((8L << 30) - (512L << 20) - (5 << 20) + 3);
        }
    }

    @Test
    void others_that_come_while_a_stage_is_loaded_are_named_and_not_counted() throws Exception {
        models.bytes = 1L << 30;
        models.atLoad = () -> {
            card.freeBytes -= 3L << 30;
            card.others = List.of(new MemoryHolder(7, "python3", 2L << 30));
        };
        try (ModelShelf onCard = shelfOnCard()) {
            assertThat(warnings(() -> assertThat(onCard.take(FRONT, LIMITS, LoadProgress.IGNORED)
                                    .measuredBytes())
                            .isEqualTo(1L << 30)))
                    .containsExactly("Others have taken 2.0 GiB of CUDA 0, Card while the stage was loaded:"
                            + " python3, process 7, 2048 MiB");
        }
    }

    @Test
    void a_load_that_takes_other_than_planned_is_said() throws Exception {
        models.bytes = 1L << 30;
        models.atLoad = () -> card.freeBytes -= 2L << 30;
        try (ModelShelf onCard = shelfOnCard()) {
            assertThat(warnings(() -> onCard.take(FRONT, LIMITS, LoadProgress.IGNORED)))
                    .singleElement()
                    .asString()
                    .startsWith("Loading has taken 2.0 GiB of CUDA 0, Card, 1.0 GiB were planned");
        }
    }
}
