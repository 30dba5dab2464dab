package dev.millrace.gateway.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/// Holds a request that a client sent without waiting for the answer to the one before. Reactor Netty would look at its
/// `Connection: close` too early, close after the first answer and drop the second request.
///
/// What waits is bounded: nothing more is read from the connection until it was passed on.
final class PipeliningHandler extends ChannelDuplexHandler {
    private final Queue<Object> waiting = new ArrayDeque<>();
    private boolean answering;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!waiting.isEmpty() || mustWait(message)) {
            waiting.add(message);
        } else {
            pass(context, message);
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof LastHttpContent && !isInformational(message)) {
            ChannelPromise written = promise.unvoid();
            // Reactor Netty tidies up when the end of the answer was written, and by now the next request must not be
            // there: it would be tidied up instead.
            written.addListener(end -> context.executor().execute(() -> answered(context)));
            super.write(context, message, written);
        } else {
            super.write(context, message, promise);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    private void answered(ChannelHandlerContext context) {
        answering = false;
        if (waiting.isEmpty() || !context.channel().isActive()) {
            return;
        }
        Object next = waiting.peek();
        while (next != null && !mustWait(next)) {
            waiting.remove();
            pass(context, next);
            next = waiting.peek();
        }
        context.fireChannelReadComplete();
    }

    private boolean mustWait(Object message) {
        return answering && message instanceof HttpRequest;
    }

    private void pass(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            answering = true;
        }
        context.fireChannelRead(message);
    }

    /// `100 Continue` looks like a whole answer and is none.
    private static boolean isInformational(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }
}
