package dev.millrace.gateway.fake;

import dev.millrace.gateway.GatewayApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The whole gateway on a free port, and a client to talk to it.
public final class RunningGateway implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final ConfigurableApplicationContext context;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private RunningGateway(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /// Starts it.
    ///
    /// @param tokenizer host and port of the tokenizer-service
    /// @param settings further properties, such as `millrace.heartbeat=1s`
    public static RunningGateway start(String tokenizer, String... settings) {
        List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--millrace.tokenizer=" + tokenizer));
        for (String setting : settings) {
            arguments.add("--" + setting);
        }
        return new RunningGateway(
                new SpringApplication(GatewayApplication.class).run(arguments.toArray(String[]::new)));
    }

    /// Where it listens.
    public int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    /// GET.
    public Reply get(String path) {
        return send(request(path).GET());
    }

    /// POST with a JSON body.
    public Reply post(String path, String body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /// Anything else.
    public Reply send(HttpRequest.Builder request) {
        try {
            return new Reply(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /// A request to fill.
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
    }

    /// A bare connection.
    public Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
        socket.setSoTimeout(20_000);
        return socket;
    }

    /// The value of a metric.
    ///
    /// @param series name and labels as they are printed
    public double metric(String series) {
        return get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no series " + series));
    }

    @Override
    public void close() {
        client.close();
        context.close();
    }

    /// An answer.
    public record Reply(HttpResponse<String> response) {
        /// The status.
        public int status() {
            return response.statusCode();
        }

        /// The body.
        public String text() {
            return response.body();
        }

        /// The body as JSON.
        public JsonNode json() {
            return MAPPER.readTree(response.body());
        }

        /// A header, or empty text.
        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /// What follows `data: ` in each event.
        public List<String> events() {
            return response.body()
                    .lines()
                    .filter(line -> line.startsWith("data: "))
                    .map(line -> line.substring("data: ".length()))
                    .toList();
        }

        /// The events before the last one as JSON.
        public List<JsonNode> chunks() {
            List<String> events = events();
            return events.subList(0, events.size() - 1).stream()
                    .map(event -> MAPPER.readTree(event))
                    .toList();
        }
    }
}
