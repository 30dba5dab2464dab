package dev.millrace.benchmarks;

import dev.millrace.gguf.GgufFile;
import dev.millrace.tokenizer.vocabulary.TokenDecoder;
import dev.millrace.tokenizer.vocabulary.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Encoding and incremental decoding of prose with some code and some text beyond ASCII; `-p model=PATH` takes the
/// vocabulary of another model. The counters are in a microsecond: bytes of text, which is MB/s, and million tokens a
/// second.
@BenchmarkMode(Mode.Throughput)
public class TokenizerBenchmark extends Measured {

    private static final String SAMPLE = """
            The channel that keeps the mill wheel fed is called a millrace; in 1786 there were 6,082 of them on record.
            "Who'd have thought," she said, "that it's the water that's late, and not the wheel?" - Nobody had.
            static int sum(int[] values) { int sum = 0; for (int value : values) { sum += value; } return sum; }
            Der Müller öffnet das Wehr. 水车为什么停了？ La roue s'arrête à 18 h 30. 🙂

            """;

    @Param("models/millrace-guide-q8_0.gguf")
    public String model;

    private String text;
    private int textBytes;
    private int[] ids;
    private Tokenizer tokenizer;

    /// What a call got through.
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Amount {
        public long bytes;
        public long tokens;
    }

    @Setup(Level.Trial)
    public void read() throws IOException {
        try (GgufFile file = GgufFile.open(Path.of(model))) {
            tokenizer = Tokenizer.from(file.metadata());
        }
        text = SAMPLE.repeat(32);
        textBytes = text.getBytes(StandardCharsets.UTF_8).length;
        ids = tokenizer.encode(text, false, false);
    }

    @Benchmark
    public int[] encode(Amount amount) {
        int[] encoded = tokenizer.encode(text, false, false);
        amount.bytes += textBytes;
        amount.tokens += encoded.length;
        return encoded;
    }

    @Benchmark
    public int decodeOneByOne(Amount amount) {
        TokenDecoder decoder = tokenizer.decoder();
        int characters = 0;
        for (int id : ids) {
            characters += decoder.push(id).length();
        }
        amount.bytes += textBytes;
        amount.tokens += ids.length;
        return characters + decoder.finish().length();
    }
}
