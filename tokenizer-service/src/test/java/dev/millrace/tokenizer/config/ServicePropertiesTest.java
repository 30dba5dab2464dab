package dev.millrace.tokenizer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class ServicePropertiesTest {
    @EnableConfigurationProperties(ServiceProperties.class)
    static class Settings {}

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withUserConfiguration(Settings.class);

    @Test
    void everything_but_the_model_has_a_default() {
        runner.withPropertyValues("millrace.model=m.gguf").run(context -> {
            ServiceProperties properties = context.getBean(ServiceProperties.class);

            assertThat(properties)
                    .isEqualTo(new ServiceProperties(
                            "m.gguf",
                            "",
                            2,
                            0,
                            8,
                            512,
                            256,
                            256,
                            true,
                            KvTypeSetting.F16,
                            0,
                            Duration.ofSeconds(5),
                            new ServiceProperties.Grpc("127.0.0.1", 9090)));
            assertThat(properties.requireModel()).isEqualTo(Path.of("m.gguf"));
            assertThat(properties.resolvedEncodingThreads()).isBetween(1, 4);
        });
    }

    @Test
    void settings_come_from_the_environment_too() {
        Map<String, Object> environment = Map.of(
                "MILLRACE_MODEL", "m.gguf",
                "MILLRACE_MODEL_ID", "guide",
                "MILLRACE_CONTEXT_LENGTH", "512",
                "MILLRACE_PREFILL_CHUNK_TOKENS", "16",
                "MILLRACE_PREFIX_CACHE", "false",
                "MILLRACE_KV_TYPE", "q8_0",
                "MILLRACE_GRPC_HOST", "0.0.0.0",
                "MILLRACE_GRPC_PORT", "0");
        runner.withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", environment)))
                .run(context -> {
                    ServiceProperties properties = context.getBean(ServiceProperties.class);

                    assertThat(properties.modelId()).isEqualTo("guide");
                    assertThat(properties.contextLength()).isEqualTo(512);
                    assertThat(properties.prefillChunkTokens()).isEqualTo(16);
                    assertThat(properties.prefixCache()).isFalse();
                    assertThat(properties.kvType()).isEqualTo(KvTypeSetting.Q8_0);
                    assertThat(properties.grpc()).isEqualTo(new ServiceProperties.Grpc("0.0.0.0", 0));
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    stages=0                  | millrace.stages is 0, allowed are 1 to 1024
                    stages=two                | millrace.stages is 'two', which is not a value of its type
                    context-length=-1         | millrace.context-length is -1, allowed are 0 to 16777216
                    parallel=0                | millrace.parallel is 0, allowed are 1 to 4096
                    batch-tokens=0            | millrace.batch-tokens is 0, allowed are 1 to 1048576
                    prefill-chunk-tokens=0    | millrace.prefill-chunk-tokens is 0, allowed are 1 to 1048576
                    max-waiting=0             | millrace.max-waiting is 0, allowed are 1 to 1048576
                    encoding-threads=-1       | millrace.encoding-threads is -1, allowed are 0 to 1024
                    drain=1h                  | millrace.drain is 3600000, allowed are 0 to 600000
                    kv-type=q9               | millrace.kv-type is 'q9', which is not a value of its type
                    prefix-cache=perhaps      | millrace.prefix-cache is 'perhaps', which is not a value of its type
                    grpc.port=70000           | millrace.grpc.port is 70000, allowed are 0 to 65535
                    grpc.host=no host         | millrace.grpc.host is 'no host', which has no address
                    """)
    void a_value_that_is_not_allowed_is_refused_in_one_line(String setting, String line) {
        runner.withPropertyValues("millrace.model=m.gguf", "millrace." + setting)
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(StartFailure.describe(Objects.requireNonNull(context.getStartupFailure())))
                            .contains(line);
                });
    }

    @Test
    void a_step_has_room_for_a_token_of_every_running_sequence() {
        runner.withPropertyValues("millrace.batch-tokens=4")
                .run(context -> assertThat(StartFailure.describe(Objects.requireNonNull(context.getStartupFailure())))
                        .hasValueSatisfying(
                                line -> assertThat(line).contains("4").contains("8")));
    }

    @Test
    void a_missing_model_is_refused() {
        runner.run(context -> {
            ServiceProperties properties = context.getBean(ServiceProperties.class);
            assertThat(catchThrowable(properties::requireModel))
                    .isInstanceOf(StartRefusal.class)
                    .hasMessageContaining("millrace.model is not set");
        });
    }
}
