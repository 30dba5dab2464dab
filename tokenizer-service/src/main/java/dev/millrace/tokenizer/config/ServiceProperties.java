package dev.millrace.tokenizer.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The settings of the service, checked.
///
/// @param model path of the model file
/// @param modelId the name that requests use, or empty for the file's name without `.gguf`
/// @param stages stages of the pipeline
/// @param contextLength tokens that prompt and output may have together; 0 is the model's own, 8192 at the most
/// @param parallel sequences that run at the same time
/// @param batchTokens tokens of a step, at the most
/// @param prefillChunkTokens tokens of one prompt in a step, at the most
/// @param maxWaiting sequences in the waiting queue, at the most
/// @param prefixCache whether prompts reuse what earlier ones have in common with them
/// @param kvType how workers keep keys and values
/// @param encodingThreads threads that render and encode prompts; 0 is one for every two processors, 4 at the most
/// @param drain how long running requests may go on when the service is told to stop
/// @param grpc where gateways and workers reach the service
@ConfigurationProperties("millrace")
public record ServiceProperties(
        @DefaultValue("") String model,
        @DefaultValue("") String modelId,
        @DefaultValue("2") int stages,
        @DefaultValue("0") int contextLength,
        @DefaultValue("8") int parallel,
        @DefaultValue("512") int batchTokens,
        @DefaultValue("256") int prefillChunkTokens,
        @DefaultValue("256") int maxWaiting,
        @DefaultValue("true") boolean prefixCache,
        @DefaultValue("f16") KvTypeSetting kvType,
        @DefaultValue("0") int encodingThreads,
        @DefaultValue("5s") Duration drain,
        @DefaultValue Grpc grpc) {
    /// Where gateways and workers reach the service.
    ///
    /// @param host a name or address of this machine
    /// @param port 0 for any free one
    public record Grpc(
            @DefaultValue("127.0.0.1") String host,
            @DefaultValue("9090") int port) {
        public Grpc {
            within("grpc.port", port, 0, 65_535);
            try {
                InetAddress.getByName(host);
            } catch (UnknownHostException e) {
                throw new StartRefusal("millrace.grpc.host is '" + host + "', which has no address");
            }
        }
    }

    public ServiceProperties {
        within("stages", stages, 1, 1024);
        within("context-length", contextLength, 0, 1 << 24);
        within("parallel", parallel, 1, 4096);
        within("batch-tokens", batchTokens, 1, 1 << 20);
        within("prefill-chunk-tokens", prefillChunkTokens, 1, 1 << 20);
        within("max-waiting", maxWaiting, 1, 1 << 20);
        within("encoding-threads", encodingThreads, 0, 1024);
        within("drain", drain.toMillis(), 0, 600_000);
        if (batchTokens < parallel) {
            throw new StartRefusal("millrace.batch-tokens is " + batchTokens + ", which is less than the " + parallel
                    + " sequences of millrace.parallel that each need a token in a step");
        }
    }

    /// The model file; refused when none is set.
    public Path requireModel() {
        if (model.isEmpty()) {
            throw new StartRefusal("millrace.model is not set; it names the model file to serve");
        }
        return Path.of(model);
    }

    /// Threads that render and encode prompts.
    public int resolvedEncodingThreads() {
        int half = Math.ceilDiv(Runtime.getRuntime().availableProcessors(), 2);
        return encodingThreads > 0 ? encodingThreads : Math.min(4, half);
    }

    private static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new StartRefusal("millrace." + name + " is " + value + ", allowed are " + least + " to " + most);
        }
    }
}
