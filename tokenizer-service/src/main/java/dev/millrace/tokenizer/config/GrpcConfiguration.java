package dev.millrace.tokenizer.config;

import dev.millrace.tokenizer.loop.NettyServiceLoop;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.ServerBuilderCustomizer;

/// What Boot's gRPC server and channels do not do by themselves.
@Configuration(proxyBeanMethods = false)
class GrpcConfiguration {
    private static final int CONNECT_MILLIS = 2000;
    private static final int MAXIMUM_REPORT_BYTES = 64 << 20;

    /// No handler blocks: they run where the bytes arrive, and that is where what they call runs too.
    @Bean
    ServerBuilderCustomizer<NettyServerBuilder> directServer(NettyServiceLoop loop) {
        return server -> server.directExecutor()
                .bossEventLoopGroup(loop.group())
                .workerEventLoopGroup(loop.group())
                .channelType(loop.serverChannelType());
    }

    /// gRPC's own retries would cost some objects a report, and never apply: a stream that broke is opened anew by its
    /// epoch.
    @Bean
    GrpcChannelBuilderCustomizer<NettyChannelBuilder> directChannels(NettyServiceLoop loop) {
        return (target, channel) -> channel.directExecutor()
                .disableRetry()
                .eventLoopGroup(loop.group())
                .channelType(loop.channelType())
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .maxInboundMessageSize(MAXIMUM_REPORT_BYTES);
    }

    @Bean
    WorkerChannels workerChannels(GrpcChannelFactory channels) {
        return new WorkerChannels(channels);
    }

    @Bean
    ReadyLine readyLine(ServiceProperties properties) {
        return new ReadyLine(properties.grpc().host());
    }
}
