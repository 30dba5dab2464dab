package dev.millrace.gateway.http;

import io.netty.channel.ChannelOption;
import java.time.Duration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/// Bounds what one connection can hold: how much unread answer, and for how long.
public final class ServerTuning implements NettyServerCustomizer {
    /// Enough for seconds of tokens. Left to itself Linux lets an unread answer grow to megabytes, and a reader would
    /// have to take a third of that before it counts as alive.
    private static final int SEND_BUFFER_BYTES = 128 * 1024;

    /// How long a body may pause, and how long it may take in all.
    private static final Duration READ_PAUSE = Duration.ofSeconds(30);

    private static final Duration READ_TOTAL = Duration.ofMinutes(2);

    private final Duration stallTimeout;

    /// @param stallTimeout how long a write may wait for the client to read
    public ServerTuning(Duration stallTimeout) {
        this.stallTimeout = stallTimeout;
    }

    @Override
    public HttpServer apply(HttpServer server) {
        return server.childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
                .readTimeout(READ_PAUSE)
                .requestTimeout(READ_TOTAL)
                .doOnChannelInit((observer, channel, remote) -> channel.pipeline()
                        .addFirst("stall", new StallHandler(stallTimeout))
                        .addBefore(NettyPipeline.HttpTrafficHandler, "pipelining", new PipeliningHandler()));
    }
}
