package dev.millrace.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.server.HttpServerRequest;

/// Holds a request that a client sent before the exchange in front of it was over. Reactor Netty would look at its
/// `Connection: close` at once, and then close after the wrong answer, or never come back to the request.
///
/// What waits is bounded: nothing more is read from the connection until it was passed on.
final class PipeliningHandler extends ChannelInboundHandlerAdapter {
    private final Queue<Object> waiting = new ArrayDeque<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!waiting.isEmpty() || mustWait(context, message)) {
            waiting.add(message);
        } else {
            context.fireChannelRead(message);
        }
    }

    /// The end of an exchange is such an event, and the only sign of it.
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        super.userEventTriggered(context, event);
        if (!waiting.isEmpty()) {
            context.executor().execute(() -> passWaiting(context));
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    private void passWaiting(ChannelHandlerContext context) {
        Object next = waiting.peek();
        if (next == null || mustWait(context, next)) {
            return;
        }
        while (next != null && !mustWait(context, next)) {
            waiting.remove();
            context.fireChannelRead(next);
            next = waiting.peek();
        }
        context.fireChannelReadComplete();
    }

    private static boolean mustWait(ChannelHandlerContext context, Object message) {
        return message instanceof HttpRequest && ChannelOperations.get(context.channel()) instanceof HttpServerRequest;
    }
}
