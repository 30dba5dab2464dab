package dev.millrace.gateway.http;

import java.time.Duration;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.server.WebFilter;

/// Lets web pages of any origin call the API, without cookies.
public final class CrossOrigin {
    private CrossOrigin() {}

    /// The filter that answers preflight requests and marks the others.
    public static WebFilter filter() {
        CorsConfiguration everything = new CorsConfiguration();
        everything.setAllowedOrigins(List.of(CorsConfiguration.ALL));
        everything.setAllowedHeaders(List.of(CorsConfiguration.ALL));
        everything.setAllowedMethods(List.of("GET", "HEAD", "POST", "OPTIONS"));
        everything.setExposedHeaders(List.of(HttpHeaders.RETRY_AFTER, RequestIds.HEADER));
        everything.setMaxAge(Duration.ofHours(1));
        return new CorsWebFilter(exchange -> everything);
    }
}
