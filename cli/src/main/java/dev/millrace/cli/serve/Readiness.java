package dev.millrace.cli.serve;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Asks a gateway whether a token goes through every stage. By a bare socket: an HTTP client would cost a tenth of the
/// time
/// that the whole cluster takes to start.
final class Readiness {
    private static final int CONNECT_MILLIS = 500;
    private static final int ANSWER_MILLIS = 10_000;

    private final URI gateway;

    Readiness(String url) {
        this.gateway = URI.create(url);
    }

    boolean isReady() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(gateway.getHost(), gateway.getPort()), CONNECT_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            String request = "GET /ready HTTP/1.1\r\nHost: " + gateway.getAuthority() + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            BufferedReader answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            @Nullable String status = answer.readLine();
            return status != null && status.matches("HTTP/1\\.[01] 200( .*)?");
        } catch (IOException notYet) {
            return false;
        }
    }
}
