package dev.millrace.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.error.ApiException;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class FieldReaderTest {
    @Test
    void null_and_absent_are_the_same() {
        FieldReader reader = reader("{\"a\":null}");

        assertThat(reader.string("a")).isNull();
        assertThat(reader.string("b")).isNull();
        assertThat(reader.bool("a", true)).isTrue();
        assertThat(reader.integer("a", 0, 9)).isNull();
        assertThat(reader.object("a")).isNull();
    }

    @Test
    void reads_whole_numbers_however_they_are_written() {
        assertThat(reader("{\"a\":16}").integer("a", 0, 99)).isEqualTo(16);
        assertThat(reader("{\"a\":16.0}").integer("a", 0, 99)).isEqualTo(16);
        assertThat(reader("{\"a\":1e1}").integer("a", 0, 99)).isEqualTo(10);
        assertThat(reader("{\"a\":-9223372036854775808}").integer("a", Long.MIN_VALUE, Long.MAX_VALUE))
                .isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void names_field_range_and_value() {
        ApiError error = refused(() -> reader("{\"a\":100}").integer("a", 0, 99));

        assertThat(error.message()).isEqualTo("a must be an integer from 0 to 99, not 100");
        assertThat(error.parameter()).isEqualTo("a");
        assertThat(error.code()).isEqualTo("invalid_value");
    }

    @Test
    void refuses_numbers_that_are_not_whole() {
        for (String value : new String[] {"1.5", "\"1\"", "true", "[1]", "{}", "1e-1"}) {
            assertThat(refused(() -> reader("{\"a\":" + value + "}").integer("a", 0, 99))
                            .code())
                    .as(value)
                    .isEqualTo("invalid_type");
        }
    }

    @Test
    void refuses_numbers_beyond_all_types() {
        for (String value : new String[] {"9223372036854775808", "1e30", "-1e400"}) {
            assertThat(refused(() -> reader("{\"a\":" + value + "}").integer("a", Long.MIN_VALUE, Long.MAX_VALUE))
                            .status()
                            .value())
                    .as(value)
                    .isEqualTo(400);
            assertThat(refused(() -> reader("{\"a\":" + value + "}").number("a", NumberRange.of(0, 2)))
                            .message())
                    .as(value)
                    .startsWith("a must be a number from 0 to 2");
        }
    }

    @Test
    void an_excluded_bound_is_refused_and_an_included_one_is_not() {
        NumberRange range = NumberRange.above(0, 1);

        assertThat(reader("{\"a\":1}").number("a", range)).isEqualTo(1);
        assertThat(refused(() -> reader("{\"a\":0}").number("a", range)).message())
                .isEqualTo("a must be a number above 0 and at most 1, not 0");
    }

    @Test
    void a_path_leads_from_the_root() {
        FieldReader inner = FieldReader.of(reader("{\"c\":1}").node(), "a[2].b");

        assertThat(refused(() -> inner.string("c")).parameter()).isEqualTo("a[2].b.c");
    }

    @Test
    void refuses_half_a_surrogate_pair() {
        assertThat(reader("{\"a\":\"\\ud83c\\udf0a\"}").string("a")).isEqualTo("\ud83c\udf0a");
        for (String half : new String[] {"\\ud83c", "\\udf0a", "x\\udf0a\\ud83c", "\\ud83cx"}) {
            assertThat(refused(() -> reader("{\"a\":\"" + half + "\"}").string("a"))
                            .message())
                    .contains("surrogate");
        }
    }

    @Test
    void a_long_value_is_shown_in_part() {
        String message = refused(
                        () -> reader("{\"a\":\"" + "x".repeat(10_000) + "\"}").integer("a", 0, 1))
                .message();

        assertThat(message).hasSizeLessThan(200).endsWith("...");
    }

    private static FieldReader reader(String json) {
        return FieldReader.of(JsonBody.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static ApiError refused(ThrowingCallable reading) {
        ApiException[] caught = new ApiException[1];
        assertThatThrownBy(reading).isInstanceOfSatisfying(ApiException.class, refused -> caught[0] = refused);
        return caught[0].error();
    }
}
