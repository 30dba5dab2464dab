package dev.millrace.gateway.config;

import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// Settings of the gateway, `millrace.*`.
///
/// @param tokenizer host and port of the tokenizer-service
/// @param maxBodyBytes larger request bodies are answered with 413
/// @param maxConcurrentRequests generations at the same time; more are answered with 429
/// @param heartbeat after how much silence a stream gets a comment
/// @param stallTimeout how long a client may leave its answer unread before it is cut off
/// @param openTimeout how long a generation may take to its first event
/// @param callTimeout how long any other question to the tokenizer-service may take
@ConfigurationProperties("millrace")
public record GatewayProperties(
        @DefaultValue("127.0.0.1:9090") String tokenizer,
        @DefaultValue("8MB") DataSize maxBodyBytes,
        @DefaultValue("512") int maxConcurrentRequests,
        @DefaultValue("5s") Duration heartbeat,
        @DefaultValue("30s") Duration stallTimeout,
        @DefaultValue("60s") Duration openTimeout,
        @DefaultValue("5s") Duration callTimeout) {

    private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[0-9a-fA-F:.%]+\\]|[^:\\[\\]\\s/]+):(\\d{1,5})");
    private static final DataSize LARGEST_BODY = DataSize.ofGigabytes(1);

    /// Checks the settings.
    public GatewayProperties {
        if (!HOST_AND_PORT.matcher(tokenizer).matches()) {
            throw new IllegalArgumentException(
                    "millrace.tokenizer must be HOST:PORT, such as 127.0.0.1:9090, not " + tokenizer);
        }
        if (maxBodyBytes.toBytes() < 1 || maxBodyBytes.compareTo(LARGEST_BODY) > 0) {
            throw new IllegalArgumentException(
                    "millrace.max-body-bytes must be from 1 byte to 1 GiB, not " + maxBodyBytes.toBytes() + " bytes");
        }
        if (maxConcurrentRequests < 1) {
            throw new IllegalArgumentException(
                    "millrace.max-concurrent-requests must be at least 1, not " + maxConcurrentRequests);
        }
        requirePositive("heartbeat", heartbeat);
        requirePositive("stall-timeout", stallTimeout);
        requirePositive("open-timeout", openTimeout);
        requirePositive("call-timeout", callTimeout);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("millrace." + name + " must be more than nothing, not " + value);
        }
    }
}
