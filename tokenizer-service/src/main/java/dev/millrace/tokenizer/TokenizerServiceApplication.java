package dev.millrace.tokenizer;

import dev.millrace.tokenizer.config.ServiceConfiguration;
import dev.millrace.tokenizer.config.ServiceProcess;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerServicesAutoConfiguration;
import org.springframework.context.annotation.Import;

/// The tokenizer-service: text on the one side, token ids on the other. It names what it takes from Spring Boot instead
/// of looking for it, which would cost start-up time.
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration({
    ConfigurationPropertiesAutoConfiguration.class,
    GrpcClientAutoConfiguration.class,
    GrpcServerAutoConfiguration.class,
    GrpcServerServicesAutoConfiguration.class,
    LifecycleAutoConfiguration.class,
    PropertyPlaceholderAutoConfiguration.class,
    SslAutoConfiguration.class,
})
@Import(ServiceConfiguration.class)
public class TokenizerServiceApplication {
    /// Starts the service.
    public static void main(String[] arguments) {
        ServiceProcess.run(TokenizerServiceApplication.class, arguments, System.getenv());
    }
}
