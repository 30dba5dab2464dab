package dev.millrace.cli.serve;

import dev.millrace.cli.UserError;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/// Looks at ports by listening on them for a moment.
final class Ports {
    private Ports() {}

    /// A port that was free just now; for `wanted` 0 any, otherwise that one or a refusal.
    static int free(String host, int wanted) {
        InetSocketAddress address = new InetSocketAddress(resolve(host), wanted);
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return socket.getLocalPort();
        } catch (BindException taken) {
            throw new UserError(explain(host, wanted, String.valueOf(taken.getMessage())));
        } catch (IOException failure) {
            throw new UserError("cannot listen on %s port %d: %s".formatted(host, wanted, failure.getMessage()));
        }
    }

    private static String explain(String host, int port, String message) {
        if (message.contains("Address already in use")) {
            return "port %d is in use on %s; choose another with --port".formatted(port, host);
        }
        if (message.contains("Cannot assign requested address") || message.contains("Can't assign")) {
            return "%s is not an address of this machine; choose another with --host".formatted(host);
        }
        if (message.contains("Permission denied")) {
            return "this user may not listen on port %d; choose one above 1023 with --port".formatted(port);
        }
        return "cannot listen on %s port %d: %s".formatted(host, port, message);
    }

    private static InetAddress resolve(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw new UserError("%s is not a known host; choose another with --host".formatted(host));
        }
    }
}
