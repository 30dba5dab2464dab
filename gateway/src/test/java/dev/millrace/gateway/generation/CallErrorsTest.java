package dev.millrace.gateway.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.error.ApiException;
import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.proto.v1.GenerationError;
import io.grpc.Metadata;
import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallErrorsTest {
    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, 400, invalid_request_error",
        "OUT_OF_RANGE, 400, invalid_request_error",
        "NOT_FOUND, 404, invalid_request_error",
        "RESOURCE_EXHAUSTED, 429, rate_limit_error",
        "UNAVAILABLE, 503, service_unavailable",
        "DEADLINE_EXCEEDED, 503, service_unavailable",
        "INTERNAL, 500, server_error"
    })
    void a_worded_failure_is_passed_on(Status.Code code, int status, String type) {
        ApiError error = error(FakeTokenizer.failure(
                code.toStatus().withDescription("what was wrong"),
                GenerationError.newBuilder()
                        .setCode("some_code")
                        .setParameter("prompt")
                        .setRetryAfterSeconds(7)
                        .build()));

        assertThat(error.status().value()).isEqualTo(status);
        assertThat(error.type()).isEqualTo(type);
        assertThat(error.message()).isEqualTo("what was wrong");
        if (status == 400 || status == 404) {
            assertThat(error.parameter()).isEqualTo("prompt");
        }
        if (status == 429 || status == 503) {
            assertThat(error.retryAfterSeconds()).isEqualTo(7);
        }
        if (status != 500) {
            assertThat(error.code()).isEqualTo("some_code");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, 400",
        "NOT_FOUND, 404",
        "RESOURCE_EXHAUSTED, 429",
        "UNAVAILABLE, 503",
        "CANCELLED, 503",
        "DEADLINE_EXCEEDED, 503",
        "INTERNAL, 500",
        "UNKNOWN, 500",
        "UNIMPLEMENTED, 500"
    })
    void a_bare_failure_keeps_its_kind(Status.Code code, int status) {
        ApiError error = error(code.toStatus().asRuntimeException());

        assertThat(error.status().value()).isEqualTo(status);
        assertThat(error.message()).isNotBlank();
    }

    @Test
    void what_broke_inside_is_not_told() {
        assertThat(error(Status.UNKNOWN
                                .withDescription("java.lang.NullPointerException at Foo.java:3")
                                .asRuntimeException())
                        .message())
                .doesNotContain("java");
    }

    @Test
    void a_message_that_is_too_large_is_no_reason_to_try_again() {
        assertThat(error(Status.RESOURCE_EXHAUSTED
                                .withDescription("gRPC message exceeds maximum size 4194304: 8388608")
                                .asRuntimeException())
                        .status()
                        .value())
                .isEqualTo(413);
    }

    @Test
    void a_broken_trailer_is_none() {
        Metadata trailers = new Metadata();
        trailers.put(
                Metadata.Key.of("millrace-error-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {(byte) 0xff, 1});

        assertThat(error(Status.NOT_FOUND.withDescription("x").asRuntimeException(trailers))
                        .status()
                        .value())
                .isEqualTo(404);
    }

    private static ApiError error(Throwable failure) {
        return ((ApiException) CallErrors.forClient(failure)).error();
    }
}
