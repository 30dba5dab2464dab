package dev.millrace.tokenizer.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EpochsTest {
    @Test
    void epochs_follow_the_clock_and_never_go_back_with_it() {
        AtomicLong millis = new AtomicLong(1000);
        Epochs epochs = new Epochs(() -> Instant.ofEpochMilli(millis.get()));

        assertThat(epochs.next()).isEqualTo(1000);
        assertThat(epochs.next()).isEqualTo(1001);
        millis.set(500);
        assertThat(epochs.next()).isEqualTo(1002);
        millis.set(5000);
        assertThat(epochs.next()).isEqualTo(5000);
    }
}
