package dev.millrace.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class GatewayPropertiesTest {
    @Test
    void has_defaults() {
        assertThat(bind(Map.of()))
                .isEqualTo(new GatewayProperties(
                        "127.0.0.1:9090",
                        DataSize.ofMegabytes(8),
                        512,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5)));
    }

    @Test
    void reads_every_setting() {
        assertThat(bind(Map.of(
                        "millrace.tokenizer", "tokenizer-service:9191",
                        "millrace.max-body-bytes", "1000",
                        "millrace.max-concurrent-requests", "3",
                        "millrace.heartbeat", "1s",
                        "millrace.stall-timeout", "2s",
                        "millrace.open-timeout", "3s",
                        "millrace.call-timeout", "4s")))
                .isEqualTo(new GatewayProperties(
                        "tokenizer-service:9191",
                        DataSize.ofBytes(1000),
                        3,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(4)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:9090", "[::1]:9090", "10.0.0.1:1"})
    void takes_hosts_of_every_kind(String tokenizer) {
        assertThat(bind(Map.of("millrace.tokenizer", tokenizer)).tokenizer()).isEqualTo(tokenizer);
    }

    @ParameterizedTest
    @CsvSource({
        "millrace.tokenizer, localhost",
        "millrace.tokenizer, http://localhost:9090",
        "millrace.tokenizer, ::1:9090",
        "millrace.max-body-bytes, 0",
        "millrace.max-body-bytes, 2GB",
        "millrace.max-concurrent-requests, 0",
        "millrace.heartbeat, 0s",
        "millrace.stall-timeout, -1s",
        "millrace.open-timeout, 0s",
        "millrace.call-timeout, 0s"
    })
    void refuses_what_cannot_work_and_names_it(String name, String value) {
        assertThatThrownBy(() -> bind(Map.of(name, value))).rootCause().hasMessageContaining(name);
    }

    private static GatewayProperties bind(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("millrace", GatewayProperties.class);
    }
}
