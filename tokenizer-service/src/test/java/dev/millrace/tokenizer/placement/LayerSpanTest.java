package dev.millrace.tokenizer.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class LayerSpanTest {
    @Test
    void layers_are_split_evenly_and_earlier_stages_take_the_rest() {
        assertThat(LayerSpan.split(10, 4))
                .containsExactly(new LayerSpan(0, 3), new LayerSpan(3, 3), new LayerSpan(6, 2), new LayerSpan(8, 2));
        assertThat(LayerSpan.split(4, 1)).isEqualTo(List.of(new LayerSpan(0, 4)));
    }

    @Test
    void more_stages_than_layers_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LayerSpan.split(4, 5))
                .withMessageContaining("4 layers")
                .withMessageContaining("5 stages");
    }

    @Test
    void kv_blocks_hold_every_running_sequence_at_full_length_and_one_more_each() {
        assertThat(Workers.SHAPE.kvBlocks()).isEqualTo(8 * (7 + 1));
    }
}
