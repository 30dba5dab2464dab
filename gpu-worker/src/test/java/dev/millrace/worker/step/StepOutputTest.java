package dev.millrace.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class StepOutputTest {

    private static StepOutput output() {
        StepOutput output = new StepOutput(3);
        output.begin(6_000_000_000L, 4);
        output.add(9_000_000_000L, 17, Float.NaN);
        output.add(-1, 5, -0.5f);
        output.top(new int[] {5, 8, 0}, new float[] {-0.5f, -1.5f, 0f}, 2);
        output.add(3, 9, -2f);
        return output;
    }

    @Test
    void carries_tokens_and_log_probabilities() {
        StepOutput loaded = new StepOutput(3);
        loaded.load(output().bytes(), 18);
        assertThat(loaded.epoch()).isEqualTo(6_000_000_000L);
        assertThat(loaded.step()).isEqualTo(4);
        assertThat(loaded.count()).isEqualTo(3);
        assertThat(loaded.sequence(0)).isEqualTo(9_000_000_000L);
        assertThat(loaded.tokenId(0)).isEqualTo(17);
        assertThat(loaded.logprob(0)).isNaN();
        assertThat(loaded.topCount(0)).isZero();
        assertThat(loaded.sequence(1)).isEqualTo(-1);
        assertThat(loaded.topCount(1)).isEqualTo(2);
        assertThat(loaded.topTokenId(1, 1)).isEqualTo(8);
        assertThat(loaded.topLogprob(1, 1)).isEqualTo(-1.5f);
        assertThat(loaded.tokenId(2)).isEqualTo(9);
        assertThat(loaded.logprob(2)).isEqualTo(-2f);
    }

    @Test
    void an_output_can_be_empty() {
        StepOutput empty = new StepOutput(1);
        empty.begin(1, 2);
        StepOutput loaded = new StepOutput(1);
        loaded.load(empty.bytes(), 10);
        assertThat(loaded.count()).isZero();
    }

    @Test
    void broken_outputs_are_refused() {
        StepOutput target = new StepOutput(3);
        MemorySegment good = output().bytes();
        assertThatIllegalArgumentException().isThrownBy(() -> target.load(good, 17));
        assertThatIllegalArgumentException().isThrownBy(() -> new StepOutput(2).load(good, 18));
        for (long size = 0; size < good.byteSize(); size++) {
            MemorySegment cut = good.asSlice(0, size);
            assertThatIllegalArgumentException().isThrownBy(() -> target.load(cut, 18));
        }
        // Magic, word count, number of samples, first token id, listed tokens.
        for (long word : new long[] {0, 1, 6, 10, 12}) {
            MemorySegment broken = Arena.ofAuto().allocate(good.byteSize(), 4);
            broken.copyFrom(good);
            broken.setAtIndex(ValueLayout.JAVA_INT, word, -7);
            assertThatIllegalArgumentException().isThrownBy(() -> target.load(broken, 18));
        }
    }
}
