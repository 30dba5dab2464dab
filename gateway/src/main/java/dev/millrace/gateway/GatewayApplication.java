package dev.millrace.gateway;

import dev.millrace.gateway.config.GatewayConfiguration;
import dev.millrace.gateway.process.GatewayProcess;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.context.annotation.Import;

/// The HTTP edge as a process. It names what it takes from Spring Boot instead of looking for it, which would cost
/// start-up time.
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration({
    ConfigurationPropertiesAutoConfiguration.class,
    GrpcClientAutoConfiguration.class,
    LifecycleAutoConfiguration.class,
    NettyReactiveWebServerAutoConfiguration.class,
    PropertyPlaceholderAutoConfiguration.class,
    SslAutoConfiguration.class,
})
@Import(GatewayConfiguration.class)
public class GatewayApplication {
    GatewayApplication() {}

    /// Starts the gateway; arguments are Spring Boot's, such as `--server.port=8080`.
    public static void main(String[] arguments) {
        GatewayProcess.start(GatewayApplication.class, arguments);
    }
}
