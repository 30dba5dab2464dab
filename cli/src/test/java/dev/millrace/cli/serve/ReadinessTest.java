package dev.millrace.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadinessTest {
    @Test
    void ready_is_status_200_and_nothing_else() throws IOException {
        AtomicInteger status = new AtomicInteger(503);
        HttpServer gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        gateway.createContext("/ready", exchange -> {
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        gateway.start();
        Readiness readiness =
                new Readiness("http://127.0.0.1:" + gateway.getAddress().getPort());

        assertThat(readiness.isReady()).isFalse();
        status.set(200);
        assertThat(readiness.isReady()).isTrue();
        gateway.stop(0);
        assertThat(readiness.isReady()).isFalse();
    }
}
