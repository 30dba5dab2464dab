package dev.millrace.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes the connection of a client that leaves its answer unread: something was written so long ago and has not left
/// yet. Belongs right at the socket.
///
/// It looks a few times within that span, only while something was written; a timer for each write (Netty's
/// `WriteTimeoutHandler`) would cost more than the write's own way through the pipeline.
final class StallHandler extends ChannelOutboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(StallHandler.class);
    private static final int LOOKS = 4;

    private final Duration patience;

    /// Writes so far, and how many of them had been made when the present span began.
    private long writes;
    private long awaited;
    private long sinceNanos;
    private boolean looking;

    /// @param patience how long a write may wait for the client to read
    StallHandler(Duration patience) {
        this.patience = patience;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        writes++;
        if (!looking) {
            looking = true;
            await();
            lookLater(context);
        }
        context.write(message, promise);
    }

    private void await() {
        awaited = writes;
        sinceNanos = System.nanoTime();
    }

    private void lookLater(ChannelHandlerContext context) {
        context.executor().schedule(() -> look(context), patience.toNanos() / LOOKS, TimeUnit.NANOSECONDS);
    }

    private void look(ChannelHandlerContext context) {
        Channel channel = context.channel();
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        if (!channel.isActive() || waiting == null) {
            return;
        }
        long left = writes - waiting.size();
        if (waiting.totalPendingWriteBytes() == 0) {
            looking = false;
        } else if (left >= awaited) {
            await();
            lookLater(context);
        } else if (System.nanoTime() - sinceNanos < patience.toNanos()) {
            lookLater(context);
        } else {
            LOG.info("{} has not read its answer for {} s: cut off", channel.remoteAddress(), patience.toSeconds());
            context.close();
        }
    }
}
