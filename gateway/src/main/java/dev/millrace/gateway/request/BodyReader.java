package dev.millrace.gateway.request;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.error.ApiException;
import io.netty.channel.ChannelException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.node.ObjectNode;

/// Takes the body of a request, up to a limit, and reads it as a JSON object.
public final class BodyReader {
    /// Larger bodies are parsed off the event loop, where they would hold up other connections.
    private static final int LARGE_BYTES = 64 * 1024;

    private final int maxBytes;

    /// @param maxBytes larger bodies are answered with 413
    public BodyReader(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /// The JSON object in the body; fails with an [ApiException] of status 400, 408, 413 or 415.
    public Mono<ObjectNode> read(ServerRequest request) {
        HttpHeaders headers = request.headers().asHttpHeaders();
        String contentType = headers.getFirst(HttpHeaders.CONTENT_TYPE);
        if (!isJson(contentType)) {
            return Mono.error(ApiError.invalidRequest(
                            HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                            "the content type must be application/json, not " + contentType,
                            null,
                            "unsupported_media_type")
                    .exception());
        }
        if (headers.getContentLength() > maxBytes) {
            return Mono.error(tooLarge());
        }
        return DataBufferUtils.join(request.exchange().getRequest().getBody(), maxBytes)
                .onErrorMap(DataBufferLimitException.class, overflow -> tooLarge())
                .onErrorMap(ChannelException.class, pause -> tooSlow())
                .map(BodyReader::bytes)
                .defaultIfEmpty(new byte[0])
                .flatMap(BodyReader::parse);
    }

    private static Mono<ObjectNode> parse(byte[] body) {
        Mono<ObjectNode> parsed = Mono.fromCallable(() -> JsonBody.parse(body));
        return body.length > LARGE_BYTES ? parsed.subscribeOn(Schedulers.parallel()) : parsed;
    }

    private static boolean isJson(@Nullable String contentType) {
        return contentType == null
                || contentType.isBlank()
                || contentType.toLowerCase(Locale.ROOT).contains("json");
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }

    private static ApiException tooSlow() {
        return ApiError.invalidRequest(
                        HttpStatus.REQUEST_TIMEOUT, "the body took too long to arrive", null, "request_timeout")
                .exception();
    }

    private ApiException tooLarge() {
        return ApiError.invalidRequest(
                        HttpStatus.CONTENT_TOO_LARGE,
                        "the body is larger than " + maxBytes + " bytes, the most that this server takes",
                        null,
                        "body_too_large")
                .exception();
    }
}
