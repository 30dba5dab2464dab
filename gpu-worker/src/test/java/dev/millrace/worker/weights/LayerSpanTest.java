package dev.millrace.worker.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerSpanTest {

    @Test
    void the_ends_of_a_model_are_known() {
        assertThat(new LayerSpan(0, 2, 4).isFirst()).isTrue();
        assertThat(new LayerSpan(0, 2, 4).isLast()).isFalse();
        assertThat(new LayerSpan(2, 2, 4).isFirst()).isFalse();
        assertThat(new LayerSpan(2, 2, 4).isLast()).isTrue();
        assertThat(LayerSpan.all(4)).isEqualTo(new LayerSpan(0, 4, 4));
    }

    @ParameterizedTest
    @CsvSource({"-1, 2, 4", "0, 0, 4", "3, 2, 4", "0, 1, 0", "4, 1, 4", "1, 2147483647, 4"})
    void a_span_lies_within_the_model(int first, int count, int total) {
        assertThatThrownBy(() -> new LayerSpan(first, count, total)).isInstanceOf(IllegalArgumentException.class);
    }
}
