package dev.millrace.gateway.fake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/// HTTP/1.1 as bytes on a socket, for what no client library would send.
public final class RawHttp {
    private RawHttp() {}

    /// A POST with a length and further header lines.
    public static String post(String path, String body, String... headers) {
        StringBuilder request = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return request.append("Content-Type: application/json\r\nContent-Length: ")
                .append(body.getBytes(StandardCharsets.UTF_8).length)
                .append("\r\n\r\n")
                .append(body)
                .toString();
    }

    /// Sends text.
    public static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /// Reads until the text so far is enough or the server closes.
    public static String read(Socket socket, Predicate<String> enough) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] chunk = new byte[8192];
        while (!enough.test(all.toString(StandardCharsets.UTF_8))) {
            int count = in.read(chunk);
            if (count < 0) {
                break;
            }
            all.write(chunk, 0, count);
        }
        return all.toString(StandardCharsets.UTF_8);
    }
}
