package dev.millrace.gateway.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.web.server.PortInUseException;
import reactor.netty.ChannelBindException;

class OneLineFailureReporterTest {
    @Test
    void names_a_port_that_is_in_use_however_deep() {
        assertThat(OneLineFailureReporter.describe(
                        new IllegalStateException("start", new PortInUseException(8080, new RuntimeException("bind")))))
                .isEqualTo("port 8080 is in use; choose another one with --server.port");
    }

    @Test
    void names_an_address_that_is_not_ours() {
        assertThat(OneLineFailureReporter.describe(new IllegalStateException(
                        ChannelBindException.fail(new InetSocketAddress("192.0.2.1", 8080), new IOException("no")))))
                .isEqualTo("cannot listen on 192.0.2.1:8080: no");
    }

    @Test
    void names_a_setting_that_has_the_wrong_type() {
        Binder binder = new Binder(new MapConfigurationPropertySource(Map.of("a.port", "zero")));

        assertThatThrownBy(() -> binder.bind("a.port", Integer.class))
                .satisfies(failure ->
                        assertThat(OneLineFailureReporter.describe(failure)).startsWith("a.port cannot be \"zero\": "));
    }

    @Test
    void says_what_is_at_the_bottom_in_one_line() {
        assertThat(OneLineFailureReporter.describe(
                        new IllegalStateException("outer", new IllegalArgumentException("one\n  two"))))
                .isEqualTo("one two");
        assertThat(OneLineFailureReporter.describe(new NullPointerException())).isEqualTo("NullPointerException");
    }
}
