package dev.millrace.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepInputTest {

    private static final StepLimits LIMITS = new StepLimits(64, 8, 256, 40, 1000);
    private static final SamplingParameters SAMPLING =
            new SamplingParameters(0.5f, 0.75f, 40, 0.125f, 0x1234_5678_9abc_def0L, 1f, 2f, 1.5f, 3);

    /// A prefill of 20 tokens from position 0, a decode at position 33, a chunk in the middle of a prompt.
    private static StepInputBuilder builder() {
        StepInputBuilder builder = new StepInputBuilder();
        builder.sequence(ids(20), 0, 20, new int[] {7, 3});
        builder.sequence(ids(34), 33, 1, new int[] {39, 0, 12, 13});
        builder.sample(0xfedc_ba98_7654_3210L, 7, SAMPLING);
        builder.penalty(5, 3, true);
        builder.penalty(999, 0, true);
        builder.bias(8, -4.5f);
        builder.sequence(ids(90), 40, 24, new int[] {1, 2, 4, 5});
        builder.sample(2, 0, SamplingParameters.GREEDY);
        return builder;
    }

    private static int[] ids(int count) {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = i * 11;
        }
        return ids;
    }

    private static StepInput built() {
        StepInput step = new StepInput(1);
        builder().build(5_000_000_000L, 17, step);
        return step;
    }

    @Test
    void reads_what_the_builder_was_told() {
        check(built());
    }

    @Test
    void carries_over_to_the_next_stage_byte_for_byte() {
        StepInput first = built();
        StepInput second = new StepInput(1);
        second.load(first.bytes(), LIMITS);
        check(second);
        assertThat(second.bytes().mismatch(first.bytes())).isEqualTo(-1);
    }

    private static void check(StepInput step) {
        assertThat(step.epoch()).isEqualTo(5_000_000_000L);
        assertThat(step.step()).isEqualTo(17);
        assertThat(step.tokenCount()).isEqualTo(45);
        assertThat(step.sequenceCount()).isEqualTo(3);
        assertThat(step.sampleCount()).isEqualTo(2);
        assertThat(step.firstToken(1)).isEqualTo(20);
        assertThat(step.tokenCount(2)).isEqualTo(24);
        assertThat(step.contextLength(1)).isEqualTo(34);
        assertThat(step.blockCount(1)).isEqualTo(3);
        assertThat(step.block(1, 2)).isEqualTo(12);
        assertThat(step.tokenId(20)).isEqualTo(33 * 11);
        assertThat(step.position(20)).isEqualTo(33);
        assertThat(step.slot(20)).isEqualTo(12 * 16 + 1);
        assertThat(step.slot(17)).isEqualTo(3 * 16 + 1);
        assertThat(step.sequenceRow(44)).isEqualTo(2);
        assertThat(step.sampleToken(0)).isEqualTo(20);
        assertThat(step.sampleSequence(0)).isEqualTo(0xfedc_ba98_7654_3210L);
        assertThat(step.samplePosition(0)).isEqualTo(34);
        assertThat(step.temperature(0)).isEqualTo(0.5f);
        assertThat(step.topP(0)).isEqualTo(0.75f);
        assertThat(step.topK(0)).isEqualTo(40);
        assertThat(step.minP(0)).isEqualTo(0.125f);
        assertThat(step.seed(0)).isEqualTo(0x1234_5678_9abc_def0L);
        assertThat(step.presencePenalty(0)).isEqualTo(1f);
        assertThat(step.frequencyPenalty(0)).isEqualTo(2f);
        assertThat(step.repeatPenalty(0)).isEqualTo(1.5f);
        assertThat(step.topLogprobs(0)).isEqualTo(3);
        assertThat(step.penaltyCount(0)).isEqualTo(2);
        assertThat(step.penaltyToken(0, 0)).isEqualTo(5);
        assertThat(step.penaltyGenerated(0, 0)).isEqualTo(3);
        assertThat(step.penaltyRepeats(0, 0)).isTrue();
        assertThat(step.penaltyToken(0, 1)).isEqualTo(999);
        assertThat(step.biasCount(0)).isEqualTo(1);
        assertThat(step.biasToken(0, 0)).isEqualTo(8);
        assertThat(step.biasValue(0, 0)).isEqualTo(-4.5f);
        assertThat(step.samplePlace(0)).isEqualTo(7);
        assertThat(step.samplePlace(1)).isZero();
        assertThat(step.pendingPlace(0)).isEqualTo(-1);
        assertThat(step.penaltyCount(1)).isZero();
        assertThat(step.biasCount(1)).isZero();
        assertThat(step.topLogprobs(1)).isEqualTo(-1);
    }

    @Test
    void a_token_that_is_being_sampled_is_named_by_its_place() {
        StepInputBuilder builder = new StepInputBuilder();
        builder.sequence(ids(1), 1, 1, new int[] {3}, 7);
        builder.sample(1, 7, SAMPLING);
        StepInput step = new StepInput(1);
        builder.build(1, 2, step);
        StepInput loaded = new StepInput(1);
        loaded.load(step.bytes(), LIMITS);

        assertThat(loaded.tokenId(0)).isEqualTo(~7);
        assertThat(loaded.pendingPlace(0)).isEqualTo(7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loaded.load(step.bytes(), new StepLimits(64, 7, 256, 40, 1000)))
                .withMessageContaining("token id -8");
    }

    @Test
    void a_builder_forgets_the_step_before() {
        StepInputBuilder builder = builder();
        builder.clear();
        assertThat(builder.tokenCount()).isZero();
        builder.sequence(ids(1), 0, 1, new int[] {9});
        StepInput step = built();
        builder.build(1, 2, step);
        assertThat(step.tokenCount()).isEqualTo(1);
        assertThat(step.sampleCount()).isZero();
        assertThat(step.slot(0)).isEqualTo(9 * 16);
    }

    @Test
    void a_step_beyond_the_limits_is_refused() {
        MemorySegment bytes = built().bytes();
        for (StepLimits tooLow : new StepLimits[] {
            new StepLimits(44, 8, 256, 40, 1000),
            new StepLimits(64, 2, 256, 40, 1000),
            new StepLimits(64, 8, 63, 40, 1000),
            new StepLimits(64, 8, 256, 39, 1000),
            new StepLimits(64, 8, 256, 40, 999)
        }) {
            assertThatIllegalArgumentException().isThrownBy(() -> new StepInput(1).load(bytes, tooLow));
        }
    }

    @Test
    void a_step_of_any_other_length_is_refused() {
        MemorySegment bytes = built().bytes();
        for (long size = 0; size < bytes.byteSize(); size++) {
            MemorySegment cut = bytes.asSlice(0, size);
            assertThatIllegalArgumentException().isThrownBy(() -> new StepInput(1).load(cut, LIMITS));
        }
    }

    /// Whatever is wrong in a step from another process, it is refused or refers to nothing outside the limits.
    @Test
    void a_broken_step_is_refused_or_harmless() {
        Random random = new Random(11);
        MemorySegment bytes = Arena.ofAuto().allocate(built().bytes().byteSize(), 4);
        StepInput step = new StepInput(64);
        int accepted = 0;
        for (int round = 0; round < 50_000; round++) {
            bytes.copyFrom(built().bytes());
            for (int change = 0; change <= random.nextInt(3); change++) {
                long word = random.nextLong(bytes.byteSize() / 4);
                int before = bytes.getAtIndex(ValueLayout.JAVA_INT, word);
                int after = random.nextInt(3) == 0 ? random.nextInt() : before + random.nextInt(-3, 4);
                bytes.setAtIndex(ValueLayout.JAVA_INT, word, after);
            }
            try {
                step.load(bytes, LIMITS);
                visit(step);
                accepted++;
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageNotContaining("null");
            }
        }
        assertThat(accepted).isPositive();
    }

    private static void visit(StepInput step) {
        for (int t = 0; t < step.tokenCount(); t++) {
            within(named(step.tokenId(t)), LIMITS.vocabularySize());
            within(step.slot(t), LIMITS.kvBlocks() * StepInput.BLOCK_TOKENS);
            within(step.position(t), LIMITS.contextLength());
            within(step.sequenceRow(t), step.sequenceCount());
            for (int p = 0; p <= step.position(t); p += StepInput.BLOCK_TOKENS) {
                within(step.block(step.sequenceRow(t), p / StepInput.BLOCK_TOKENS), LIMITS.kvBlocks());
            }
        }
        for (int n = 0; n < step.sampleCount(); n++) {
            within(step.sampleToken(n), step.tokenCount());
            within(step.samplePlace(n), LIMITS.maxSequences());
            for (int i = 0; i < step.penaltyCount(n); i++) {
                within(step.penaltyToken(n, i), LIMITS.vocabularySize());
            }
            for (int i = 0; i < step.biasCount(n); i++) {
                within(step.biasToken(n, i), LIMITS.vocabularySize());
            }
        }
    }

    /// The id, or some id where the step names a place that there is.
    private static int named(int id) {
        return id < 0 && id >= -LIMITS.maxSequences() ? 0 : id;
    }

    private static void within(int value, int end) {
        if (value < 0 || value >= end) {
            throw new AssertionError(value + " is not within " + end);
        }
    }
}
