package dev.millrace.gateway.http;

import dev.millrace.gateway.error.ApiError;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/// The paths of the server: each has one method, another one is answered with 405, another path with 404.
public final class Routes {
    private final RouterFunctions.Builder builder = RouterFunctions.route();

    /// A path that is read; HEAD works as well.
    public Routes get(String path, HandlerFunction<ServerResponse> handler) {
        return add(path, Set.of(HttpMethod.GET, HttpMethod.HEAD), "GET", handler);
    }

    /// A path that takes a body.
    public Routes post(String path, HandlerFunction<ServerResponse> handler) {
        return add(path, Set.of(HttpMethod.POST), "POST", handler);
    }

    /// The routes so far, with the answer for every other path.
    public RouterFunction<ServerResponse> build() {
        return builder.route(RequestPredicates.all(), Routes::unknownRoute).build();
    }

    private Routes add(String path, Set<HttpMethod> methods, String allowed, HandlerFunction<ServerResponse> handler) {
        RequestPredicate samePath = RequestPredicates.path(path);
        builder.route(
                samePath,
                request ->
                        methods.contains(request.method()) ? handler.handle(request) : wrongMethod(request, allowed));
        return this;
    }

    private static Mono<ServerResponse> wrongMethod(ServerRequest request, String allowed) {
        request.exchange().getResponse().getHeaders().set("Allow", allowed);
        return Mono.error(ApiError.invalidRequest(
                        HttpStatus.METHOD_NOT_ALLOWED,
                        request.path() + " takes " + allowed + ", not " + request.method(),
                        null,
                        "method_not_allowed")
                .exception());
    }

    private static Mono<ServerResponse> unknownRoute(ServerRequest request) {
        return Mono.error(ApiError.invalidRequest(
                        HttpStatus.NOT_FOUND,
                        "there is no " + request.path() + " on this server",
                        null,
                        "unknown_route")
                .exception());
    }
}
