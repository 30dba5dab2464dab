package dev.millrace.worker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodeShareTest {

    @ParameterizedTest(name = "{0} stages, {1} sequences: {2} groups of at most {3}")
    @CsvSource({
        "1, 1, 1, 1",
        "1, 64, 1, 64",
        "2, 1, 2, 1",
        "2, 8, 2, 4",
        "2, 11, 2, 6",
        "2, 12, 3, 4",
        "2, 64, 3, 22",
        "3, 3, 3, 1",
        "3, 15, 3, 5",
        "3, 16, 4, 4",
    })
    void spreads_over_as_many_groups_as_there_are_stages_and_one_more_when_groups_are_full(
            int stages, int sequences, int groups, int share) {
        assertThat(DecodeShare.groups(stages, sequences)).isEqualTo(groups);
        assertThat(DecodeShare.share(stages, sequences)).isEqualTo(share);
    }
}
