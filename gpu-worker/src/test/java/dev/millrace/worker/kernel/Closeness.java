package dev.millrace.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/// Compares a device's values with the reference's.
public final class Closeness {

    private Closeness() {}

    /// No value may differ by more than `tolerance` times the largest one.
    public static void assertClose(float[] found, float[] wanted, float tolerance) {
        assertThat(found.length).isEqualTo(wanted.length);
        float largest = 0;
        for (float value : wanted) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < found.length; i++) {
            if (!(Math.abs(found[i] - wanted[i]) <= tolerance * largest)) {
                assertThat(found[i])
                        .as("value %d of %d, largest %s", i, found.length, largest)
                        .isEqualTo(wanted[i]);
            }
        }
    }

    /// Every bit has to be the same.
    public static void assertSameBits(float[] found, float[] wanted) {
        assertThat(Arrays.mismatch(found, wanted))
                .as("first value that differs")
                .isEqualTo(-1);
    }
}
