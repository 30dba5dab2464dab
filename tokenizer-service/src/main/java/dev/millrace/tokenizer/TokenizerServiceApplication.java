package dev.millrace.tokenizer;

import dev.millrace.tokenizer.config.ServiceConfiguration;
import dev.millrace.tokenizer.config.ServiceProcess;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/// The tokenizer-service: text on the one side, token ids on the other.
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(ServiceConfiguration.class)
public class TokenizerServiceApplication {
    /// Starts the service.
    public static void main(String[] arguments) {
        ServiceProcess.run(TokenizerServiceApplication.class, arguments, System.getenv());
    }
}
