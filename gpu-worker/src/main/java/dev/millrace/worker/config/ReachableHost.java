package dev.millrace.worker.config;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/// The host name or address under which a worker can be reached by the processes that it works with.
final class ReachableHost {

    private ReachableHost() {}

    /// The bind address where it is one; for a wildcard, the address of this machine that faces the tokenizer-service.
    static String of(String bindHost, String tokenizer) {
        if (!isWildcard(bindHost)) {
            return bindHost;
        }
        int colon = tokenizer.lastIndexOf(':');
        try (DatagramSocket socket = new DatagramSocket()) {
            // Connecting a datagram socket sends nothing, it only asks the routing table.
            socket.connect(new InetSocketAddress(
                    InetAddress.getByName(tokenizer.substring(0, colon)),
                    Integer.parseInt(tokenizer.substring(colon + 1))));
            InetAddress facing = socket.getLocalAddress();
            return facing.isAnyLocalAddress() ? name() : facing.getHostAddress();
        } catch (IOException | RuntimeException e) {
            return name();
        }
    }

    /// The name of this machine.
    static String name() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private static boolean isWildcard(String host) {
        return host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
    }
}
