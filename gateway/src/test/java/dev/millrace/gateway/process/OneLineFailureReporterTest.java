package dev.millrace.gateway.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.PortInUseException;

class OneLineFailureReporterTest {
    @Test
    void names_a_port_that_is_in_use_however_deep() {
        assertThat(OneLineFailureReporter.describe(
                        new IllegalStateException("start", new PortInUseException(8080, new RuntimeException("bind")))))
                .isEqualTo("port 8080 is in use; choose another one with --server.port");
    }

    @Test
    void says_what_is_at_the_bottom_in_one_line() {
        assertThat(OneLineFailureReporter.describe(
                        new IllegalStateException("outer", new IllegalArgumentException("one\n  two"))))
                .isEqualTo("one two");
        assertThat(OneLineFailureReporter.describe(new NullPointerException())).isEqualTo("NullPointerException");
    }
}
