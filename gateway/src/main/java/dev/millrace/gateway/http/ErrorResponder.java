package dev.millrace.gateway.http;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.error.ApiException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/// Answers every failed exchange with an error object; what went wrong inside stays in the log.
public final class ErrorResponder implements WebExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorResponder.class);

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        ServerHttpResponse response = exchange.getResponse();
        if (failure instanceof AbortedException) {
            // The client is gone: there is nobody to tell.
            return Mono.empty();
        }
        if (response.isCommitted()) {
            return Mono.error(failure);
        }
        ApiError error = errorOf(failure, exchange);
        response.setStatusCode(error.status());
        HttpHeaders headers = response.getHeaders();
        headers.setContentType(MediaType.APPLICATION_JSON);
        headers.remove(HttpHeaders.CACHE_CONTROL);
        if (error.retryAfterSeconds() > 0) {
            headers.set(HttpHeaders.RETRY_AFTER, Integer.toString(error.retryAfterSeconds()));
        }
        byte[] body = error.toJson().getBytes(StandardCharsets.UTF_8);
        headers.setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }

    /// The error that a client sees for a failure; an unexpected one is logged.
    public static ApiError errorOf(Throwable failure, ServerWebExchange exchange) {
        return switch (failure) {
            case ApiException known -> known.error();
            default -> {
                LOG.error(
                        "{} {} failed",
                        exchange.getRequest().getMethod(),
                        exchange.getRequest().getPath(),
                        failure);
                yield ApiError.serverError("something went wrong in the gateway; its log says what");
            }
        };
    }
}
