package dev.millrace.cli.bench.synth;

import dev.millrace.cli.UserError;
import java.util.List;
import java.util.stream.Collectors;

/// The shapes there are, from the makers' `config.json` files (of the Instruct variants).
final class Shapes {
    static final List<Shape> ALL = List.of(
            Shape.qwen("qwen2.5-0.5b", 24, 896, 14, 2, 4864, 151936, true),
            Shape.qwen("qwen2.5-1.5b", 28, 1536, 12, 2, 8960, 151936, true),
            Shape.qwen("qwen2.5-3b", 36, 2048, 16, 2, 11008, 151936, true),
            Shape.qwen("qwen2.5-7b", 28, 3584, 28, 4, 18944, 152064, false),
            Shape.qwen("qwen2.5-14b", 48, 5120, 40, 8, 13824, 152064, false),
            Shape.qwen("qwen2.5-32b", 64, 5120, 40, 8, 27648, 152064, false),
            Shape.llama("llama-3.2-1b", 16, 2048, 32, 8, 8192, true, 32),
            Shape.llama("llama-3.2-3b", 28, 3072, 24, 8, 8192, true, 32),
            Shape.llama("llama-3.1-8b", 32, 4096, 32, 8, 14336, false, 8),
            // Nobody's model: small enough for a test, with everything that the others have.
            new Shape("tiny-qwen2", Family.QWEN2, 8, 256, 4, 2, 64, 512, 1000, true, 1024, 0),
            new Shape("tiny-llama", Family.LLAMA3, 8, 160, 5, 1, 32, 288, 1000, false, 1024, 8));

    private Shapes() {}

    static Shape named(String name) {
        return ALL.stream()
                .filter(shape -> shape.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UserError("--shape is %s; it must be one of %s".formatted(name, names())));
    }

    static String names() {
        return ALL.stream().map(Shape::name).collect(Collectors.joining(", "));
    }
}
