package dev.millrace.cli.bench.synth;

import dev.millrace.cli.UserError;
import dev.millrace.gguf.TensorType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// The file types, each with the number that `general.file_type` has for it and the type that most matrices have.
/// Which matrix gets which is [#of], and that is what llama.cpp's quantiser chooses.
enum FileType {
    F32(0, TensorType.F32),
    F16(1, TensorType.F16),
    BF16(32, TensorType.BF16),
    Q4_0(2, TensorType.Q4_0),
    Q4_1(3, TensorType.Q4_1),
    Q5_0(8, TensorType.Q5_0),
    Q5_1(9, TensorType.Q5_1),
    Q8_0(7, TensorType.Q8_0),
    Q4_K_M(15, TensorType.Q4_K),
    Q5_K_M(17, TensorType.Q5_K),
    Q6_K(18, TensorType.Q6_K);

    private final int id;
    private final TensorType most;

    FileType(int id, TensorType most) {
        this.id = id;
        this.most = most;
    }

    int id() {
        return id;
    }

    /// The word for it on the command line.
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static FileType named(String label) {
        return Arrays.stream(values())
                .filter(type -> type.label().equals(label.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new UserError("--type is %s; it must be one of %s".formatted(label, labels())));
    }

    static String labels() {
        return Arrays.stream(values()).map(FileType::label).collect(Collectors.joining(", "));
    }

    /// The type of a matrix with rows of `columns` in a model of `layers`.
    TensorType of(MatrixRole role, int layer, int layers, int columns) {
        TensorType wanted = wanted(role, layer, layers);
        return columns % wanted.blockElements() == 0 ? wanted : fallback(wanted);
    }

    private TensorType wanted(MatrixRole role, int layer, int layers) {
        boolean plain = most.blockElements() == 1;
        return switch (role) {
            case OUTPUT -> plain || this == Q8_0 ? most : TensorType.Q6_K;
            case ATTENTION_VALUE, FEED_FORWARD_DOWN ->
                (this == Q4_K_M || this == Q5_K_M) && hasMoreBits(layer, layers) ? TensorType.Q6_K : most;
            case EMBEDDING, OTHER -> most;
        };
    }

    /// The first and the last eighth of the layers, and every third between.
    private static boolean hasMoreBits(int layer, int layers) {
        return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    }

    /// For rows that are no whole number of blocks of 256.
    private static TensorType fallback(TensorType type) {
        return switch (type) {
            case Q4_K -> TensorType.Q5_0;
            case Q5_K -> TensorType.Q5_1;
            case Q6_K -> TensorType.Q8_0;
            default -> TensorType.F16;
        };
    }
}
