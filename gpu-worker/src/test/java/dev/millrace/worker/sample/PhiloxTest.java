package dev.millrace.worker.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PhiloxTest {

    /// The known answers that come with the authors' Random123 library.
    @Test
    void gives_the_known_answers() {
        assertThat(Philox.firstWords(0, 0, 0, 0, 0)).isEqualTo(0x6627e8d5_e169c58dL);
        assertThat(Philox.firstWords(-1, -1, -1, -1, -1)).isEqualTo(0x408f276d_41c83b0eL);
        assertThat(Philox.firstWords(0x299f31d0_a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344))
                .isEqualTo(0xd16cfe09_94fdccebL);
    }

    @Test
    void numbers_are_spread_evenly() {
        int[] counts = new int[16];
        double sum = 0;
        for (int position = 0; position < 16_000; position++) {
            double number = Philox.uniform(7, position);
            assertThat(number).isGreaterThanOrEqualTo(0).isLessThan(1);
            counts[(int) (number * counts.length)]++;
            sum += number;
        }
        assertThat(sum / 16_000).isCloseTo(0.5, within(0.01));
        for (int count : counts) {
            assertThat(count).isBetween(880, 1120);
        }
    }
}
