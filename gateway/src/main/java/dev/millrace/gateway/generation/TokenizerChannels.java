package dev.millrace.gateway.generation;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.grpc.client.ChannelBuilderOptions;
import org.springframework.grpc.client.GrpcChannelFactory;

/// The connections to the tokenizer-service, one for each event loop of the server: an answer comes in on the thread
/// that writes it out, so no token changes threads on its way.
public final class TokenizerChannels {
    private record Lane(EventLoop loop, ManagedChannel channel) {}

    private final List<Lane> lanes;

    private TokenizerChannels(List<Lane> lanes) {
        this.lanes = List.copyOf(lanes);
    }

    /// Opens the connections; they are closed by the factory.
    ///
    /// @param loops the event loops that carry the clients' connections
    /// @param type the sockets that go with these loops
    public static TokenizerChannels open(
            GrpcChannelFactory factory, EventLoopGroup loops, Class<? extends Channel> type) {
        List<Lane> lanes = new ArrayList<>();
        for (EventExecutor executor : loops) {
            EventLoop loop = (EventLoop) executor;
            ChannelBuilderOptions options = ChannelBuilderOptions.defaults()
                    .<NettyChannelBuilder>withCustomizer(
                            (name, builder) -> builder.eventLoopGroup(loop).channelType(type));
            lanes.add(new Lane(loop, factory.createChannel(TokenizerChannel.NAME, options)));
        }
        return new TokenizerChannels(lanes);
    }

    /// The connection of the calling thread, or any for a thread that has none.
    ManagedChannel mine() {
        for (Lane lane : lanes) {
            if (lane.loop().inEventLoop()) {
                return lane.channel();
            }
        }
        return lanes.getFirst().channel();
    }

    void each(Consumer<ManagedChannel> action) {
        lanes.forEach(lane -> action.accept(lane.channel()));
    }
}
