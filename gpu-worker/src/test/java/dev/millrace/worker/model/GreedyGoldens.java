package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

/// Compares greedy ids with a golden run up to the first step at which rounding may decide.
final class GreedyGoldens {

    private GreedyGoldens() {}

    /// The ids have to be equal up to the first step whose gap between the two highest logits is below `margin`.
    static void assertSame(String what, int[] ids, int[] golden, float[] gaps, float margin) {
        int certain = 0;
        while (certain < golden.length && gaps[certain] >= margin) {
            certain++;
        }
        for (int i = 0; i < certain; i++) {
            assertThat(ids[i]).as("%s, step %d of %d", what, i, certain).isEqualTo(golden[i]);
        }
    }
}
