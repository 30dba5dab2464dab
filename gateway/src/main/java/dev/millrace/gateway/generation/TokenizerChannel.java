package dev.millrace.gateway.generation;

import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;

/// What the channel to the tokenizer-service needs beyond the properties `spring.grpc.client.channel.tokenizer.*`.
@Configuration(proxyBeanMethods = false)
public class TokenizerChannel {
    /// Its name among the channels.
    static final String NAME = "tokenizer";

    private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

    /// Unread events of one stream that may be under way before the server has to wait.
    private static final int STREAM_WINDOW_BYTES = 256 * 1024;

    @Bean
    GrpcChannelBuilderCustomizer<NettyChannelBuilder> tokenizerChannelCustomizer() {
        return (name, builder) -> builder
                // No handler of ours blocks, so none needs a thread of its own.
                .directExecutor()
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .flowControlWindow(STREAM_WINDOW_BYTES);
    }
}
