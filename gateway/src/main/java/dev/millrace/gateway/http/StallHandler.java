package dev.millrace.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes the connection of a client that leaves its answer unread.
final class StallHandler extends WriteTimeoutHandler {
    private static final Logger LOG = LoggerFactory.getLogger(StallHandler.class);

    private final Duration patience;

    /// @param patience how long a write may wait for the client to read
    StallHandler(Duration patience) {
        super(patience.toMillis(), TimeUnit.MILLISECONDS);
        this.patience = patience;
    }

    @Override
    protected void writeTimedOut(ChannelHandlerContext context) throws Exception {
        LOG.info(
                "{} has not read its answer for {} s: cut off",
                context.channel().remoteAddress(),
                patience.toSeconds());
        super.writeTimedOut(context);
    }
}
