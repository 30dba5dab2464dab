package dev.millrace.tokenizer.config;

import dev.millrace.tokenizer.pipeline.ChannelSource;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.springframework.grpc.client.ChannelBuilderOptions;
import org.springframework.grpc.client.GrpcChannelFactory;

/// One channel a worker. A channel that failed is replaced rather than waited for: its pause before the next attempt
/// grows to minutes, while a restarted worker is there within a second.
final class WorkerChannels implements ChannelSource {
    private static final ChannelBuilderOptions OPTIONS =
            ChannelBuilderOptions.defaults().withShutdownGracePeriod(Duration.ZERO);

    private final GrpcChannelFactory factory;
    private final Map<String, ManagedChannel> channels = new HashMap<>();

    WorkerChannels(GrpcChannelFactory factory) {
        this.factory = factory;
    }

    @Override
    public synchronized ManagedChannel channel(String address) {
        ManagedChannel known = channels.get(address);
        if (known != null && isUsable(known)) {
            return known;
        }
        if (known != null) {
            known.shutdownNow();
        }
        ManagedChannel fresh = factory.createChannel("static://" + address, OPTIONS);
        channels.put(address, fresh);
        return fresh;
    }

    private static boolean isUsable(ManagedChannel channel) {
        ConnectivityState state = channel.getState(false);
        return state != ConnectivityState.TRANSIENT_FAILURE && state != ConnectivityState.SHUTDOWN;
    }
}
