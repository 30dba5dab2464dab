package dev.millrace.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final RestartPolicy policy = new RestartPolicy();

    @Test
    void pauses_double_and_the_fifth_death_within_a_minute_is_the_last() {
        assertThat(policy.pauseAfterDeath(0)).contains(Duration.ofMillis(200));
        assertThat(policy.pauseAfterDeath(SECOND)).contains(Duration.ofMillis(400));
        assertThat(policy.pauseAfterDeath(2 * SECOND)).contains(Duration.ofMillis(800));
        assertThat(policy.pauseAfterDeath(3 * SECOND)).contains(Duration.ofMillis(1600));
        assertThat(policy.pauseAfterDeath(59 * SECOND)).isEmpty();
    }

    @Test
    void deaths_of_long_ago_are_forgotten() {
        for (int minute = 0; minute < 100; minute++) {
            assertThat(policy.pauseAfterDeath(61 * SECOND * minute)).contains(Duration.ofMillis(200));
        }
    }

    @Test
    void the_clock_may_start_anywhere() {
        assertThat(policy.pauseAfterDeath(Long.MAX_VALUE)).contains(Duration.ofMillis(200));
        assertThat(policy.pauseAfterDeath(Long.MIN_VALUE)).contains(Duration.ofMillis(400));
    }
}
