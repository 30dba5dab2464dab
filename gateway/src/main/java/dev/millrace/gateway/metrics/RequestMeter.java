package dev.millrace.gateway.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/// Counts exchanges as `millrace_requests_total{route,status}`, once their status is known.
public final class RequestMeter implements WebFilter {
    /// What nginx calls a client that left before there was an answer.
    private static final String CLIENT_GONE = "499";

    private final MeterRegistry registry;
    private final Set<String> routes;

    /// @param routes the paths that are counted by name; others are counted together
    public RequestMeter(MeterRegistry registry, Set<String> routes) {
        this.registry = registry;
        this.routes = Set.copyOf(routes);
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().value();
        // A label must not grow with what strangers ask for.
        String route = routes.contains(path) ? path : "other";
        exchange.getResponse().beforeCommit(() -> {
            HttpStatusCode status = exchange.getResponse().getStatusCode();
            count(route, status == null ? "200" : Integer.toString(status.value()));
            return Mono.empty();
        });
        return chain.filter(exchange).doFinally(signal -> {
            if (signal == SignalType.CANCEL && !exchange.getResponse().isCommitted()) {
                count(route, CLIENT_GONE);
            }
        });
    }

    private void count(String route, String status) {
        Counter.builder("millrace.requests")
                .description("Requests by route and status")
                .tag("route", route)
                .tag("status", status)
                .register(registry)
                .increment();
    }
}
