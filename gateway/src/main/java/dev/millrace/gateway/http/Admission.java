package dev.millrace.gateway.http;

import dev.millrace.gateway.error.ApiError;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.reactor.bulkhead.operator.BulkheadOperator;
import java.time.Duration;
import java.util.Set;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Lets a limited number of generations in, before anything of their bodies is read; a permit is held until the last
/// byte of the answer is written or the client is gone.
public final class Admission implements WebFilter {
    private final Set<String> paths;
    private final Bulkhead bulkhead;

    /// @param paths the paths that need a permit
    /// @param permits how many exchanges there may be at the same time
    public Admission(Set<String> paths, int permits) {
        this.paths = Set.copyOf(paths);
        this.bulkhead = Bulkhead.of(
                "generation",
                BulkheadConfig.custom()
                        .maxConcurrentCalls(permits)
                        .maxWaitDuration(Duration.ZERO)
                        .writableStackTraceEnabled(false)
                        .build());
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (!paths.contains(exchange.getRequest().getPath().value())) {
            return chain.filter(exchange);
        }
        return chain.filter(exchange)
                .transformDeferred(BulkheadOperator.of(bulkhead))
                .onErrorMap(
                        BulkheadFullException.class,
                        full -> ApiError.tooManyRequests(
                                        permits()
                                                + " requests are being served, the most that this server takes at once",
                                        "too_many_requests",
                                        1)
                                .exception());
    }

    /// How many exchanges hold a permit.
    public int inFlight() {
        return permits() - bulkhead.getMetrics().getAvailableConcurrentCalls();
    }

    private int permits() {
        return bulkhead.getMetrics().getMaxAllowedConcurrentCalls();
    }
}
