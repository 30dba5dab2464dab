package dev.millrace.gateway.process;

import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;

/// Where the server listens.
///
/// @param host a name or an address as it was configured
/// @param port the port, also where any free one was asked for
record ServerAddress(String host, int port) {
    static ServerAddress of(ApplicationContext context) {
        Environment environment = context.getEnvironment();
        return new ServerAddress(
                environment.getProperty("server.address", "127.0.0.1"),
                environment.getRequiredProperty("local.server.port", Integer.class));
    }

    String url() {
        return "http://" + (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
    }
}
