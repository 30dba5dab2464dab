package dev.millrace.tokenizer.config;

import org.springframework.context.ApplicationListener;
import org.springframework.grpc.server.lifecycle.GrpcServerStartedEvent;

/// Says on standard output where the service listens, for whoever started it.
final class ReadyLine implements ApplicationListener<GrpcServerStartedEvent> {
    private final String host;

    ReadyLine(String host) {
        this.host = host;
    }

    @Override
    public void onApplicationEvent(GrpcServerStartedEvent event) {
        System.out.println("READY grpc " + host + ":" + event.getPort());
    }
}
