package dev.millrace.gateway.config;

import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.generation.TokenizerChannel;
import dev.millrace.gateway.generation.TokenizerChannels;
import dev.millrace.gateway.health.HealthEndpoint;
import dev.millrace.gateway.http.Admission;
import dev.millrace.gateway.http.CrossOrigin;
import dev.millrace.gateway.http.ErrorResponder;
import dev.millrace.gateway.http.Routes;
import dev.millrace.gateway.http.ServerTuning;
import dev.millrace.gateway.metrics.GenerationMeters;
import dev.millrace.gateway.metrics.MetricsEndpoint;
import dev.millrace.gateway.metrics.ProcessMeters;
import dev.millrace.gateway.metrics.RequestMeter;
import dev.millrace.gateway.openai.AnswerEndpoint;
import dev.millrace.gateway.openai.EmbeddingsEndpoint;
import dev.millrace.gateway.openai.ModelsEndpoint;
import dev.millrace.gateway.request.BodyReader;
import dev.millrace.gateway.text.ApplyTemplateEndpoint;
import dev.millrace.gateway.text.DetokenizeEndpoint;
import dev.millrace.gateway.text.TokenizeEndpoint;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.netty.resources.LoopResources;

/// The parts of the gateway and how they fit together.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewayProperties.class)
@Import(TokenizerChannel.class)
public class GatewayConfiguration {
    private static final int MOST_EVENT_LOOPS = 8;
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String EMBEDDINGS = "/v1/embeddings";
    private static final Set<String> GENERATIONS = Set.of(CHAT, COMPLETIONS);
    private static final Set<String> COUNTED_ROUTES = Set.of(
            CHAT,
            COMPLETIONS,
            EMBEDDINGS,
            "/v1/models",
            "/tokenize",
            "/detokenize",
            "/apply-template",
            "/health",
            "/ready",
            "/metrics");

    /// Half of the processors at the most: the threads that move bytes share the machine with those that compute.
    @Bean(destroyMethod = "dispose")
    LoopResources eventLoops() {
        int half = Runtime.getRuntime().availableProcessors() / 2;
        return LoopResources.create("gateway", Math.clamp(half, 1, MOST_EVENT_LOOPS), true);
    }

    @Bean
    GenerationClient generationClient(GrpcChannelFactory factory, LoopResources loops, GatewayProperties settings) {
        EventLoopGroup group = loops.onServer(LoopResources.DEFAULT_NATIVE);
        TokenizerChannels channels =
                TokenizerChannels.open(factory, group, loops.onChannelClass(SocketChannel.class, group));
        return new GenerationClient(channels, settings.callTimeout(), settings.openTimeout());
    }

    @Bean(destroyMethod = "close")
    PrometheusMeterRegistry meterRegistry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        ProcessMeters.bindTo(registry);
        return registry;
    }

    @Bean
    Admission admission(GatewayProperties settings, PrometheusMeterRegistry registry) {
        Admission admission = new Admission(GENERATIONS, settings.maxConcurrentRequests());
        Gauge.builder("millrace.requests.in.flight", admission, Admission::inFlight)
                .description("Generations that are being answered")
                .register(registry);
        return admission;
    }

    @Bean
    RouterFunction<ServerResponse> routes(
            GenerationClient client, PrometheusMeterRegistry registry, GatewayProperties settings) {
        BodyReader bodies =
                new BodyReader(Math.toIntExact(settings.maxBodyBytes().toBytes()));
        AnswerEndpoint answers =
                new AnswerEndpoint(bodies, client, new GenerationMeters(registry), settings.heartbeat());
        ModelsEndpoint models = new ModelsEndpoint(client);
        HealthEndpoint health = new HealthEndpoint(client, settings.callTimeout());
        return new Routes()
                .post(CHAT, answers::chat)
                .post(COMPLETIONS, answers::completion)
                .post(EMBEDDINGS, new EmbeddingsEndpoint(bodies, client)::embed)
                .get("/v1/models", models::list)
                .get("/v1/models/{*id}", models::one)
                .post("/tokenize", new TokenizeEndpoint(bodies, client)::tokenize)
                .post("/detokenize", new DetokenizeEndpoint(bodies, client)::detokenize)
                .post("/apply-template", new ApplyTemplateEndpoint(bodies, client)::applyTemplate)
                .get("/health", health::live)
                .get("/ready", health::ready)
                .get("/metrics", new MetricsEndpoint(registry, client)::scrape)
                .build();
    }

    @Bean
    HttpHandler httpHandler(
            RouterFunction<ServerResponse> routes, Admission admission, PrometheusMeterRegistry registry) {
        return RouterFunctions.toHttpHandler(
                routes,
                HandlerStrategies.empty()
                        .exceptionHandler(new ErrorResponder())
                        .webFilter(CrossOrigin.filter())
                        .webFilter(new RequestMeter(registry, COUNTED_ROUTES))
                        .webFilter(admission)
                        .build());
    }

    @Bean
    ReactorResourceFactory reactorResourceFactory(LoopResources loops) {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        // What is shared by the whole process would end with the first server of it.
        resources.setUseGlobalResources(false);
        resources.setLoopResources(loops);
        resources.setShutdownQuietPeriod(Duration.ZERO);
        resources.setShutdownTimeout(Duration.ofSeconds(1));
        return resources;
    }

    @Bean
    NettyServerCustomizer serverTuning(GatewayProperties settings) {
        return new ServerTuning(settings.stallTimeout());
    }
}
