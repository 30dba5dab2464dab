package dev.millrace.worker.weights;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Takes the tensors of a stage from a file to a device, and refuses a file whose layers hold tensors that would be
/// left out: what they say would be missing in every answer.
public final class StageWeightsLoader {

    private static final String EMBEDDING = "token_embd";
    private static final String OUTPUT = "output";
    private static final String OUTPUT_NORM = "output_norm.weight";
    private static final Set<String> LINEAR_PARTS =
            Set.of("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down");
    private static final Set<String> NORM_PARTS = Set.of("attn_norm", "ffn_norm");
    private static final Set<String> HEAD_NORM_PARTS = Set.of("attn_q_norm", "attn_k_norm");
    /// Tables that some converters wrote and that follow from the metadata.
    private static final Set<String> DERIVED_PARTS = Set.of("attn_rot_embd", "attn.rotary_emb.inv_freq");

    private final GgufFile file;
    private final ModelShape shape;
    private final LayerSpan span;
    private final TensorLoader tensors;

    private StageWeightsLoader(
            GgufFile file, ModelShape shape, LayerSpan span, DeviceMemory memory, LoadProgress progress) {
        this.file = file;
        this.shape = shape;
        this.span = span;
        tensors = new TensorLoader(file, memory, progress, totalBytes());
    }

    /// Loads the tensors of `span` to `memory`.
    ///
    /// @throws UnusableModelException where a tensor is missing, has another shape than `shape` asks for, or is unknown
    public static StageWeights load(
            GgufFile file, ModelShape shape, LayerSpan span, DeviceMemory memory, LoadProgress progress) {
        return new StageWeightsLoader(file, shape, span, memory, progress).load();
    }

    private StageWeights load() {
        List<LayerWeights> layers = new ArrayList<>();
        for (int layer = span.first(); layer < span.first() + span.count(); layer++) {
            refuseUnknownTensors(layer);
        }
        Matrix embedding = span.isFirst() ? embedding() : null;
        for (int layer = span.first(); layer < span.first() + span.count(); layer++) {
            layers.add(layer("blk.%d.".formatted(layer)));
        }
        DeviceVector outputNorm = span.isLast() ? tensors.vector(OUTPUT_NORM, shape.hidden()) : null;
        return new StageWeights(embedding, layers, outputNorm, span.isLast() ? output(embedding) : null);
    }

    private Matrix embedding() {
        return tensors.matrix(EMBEDDING + ".weight", shape.vocabulary(), shape.hidden());
    }

    private Linear output(@Nullable Matrix embedding) {
        if (hasOutput()) {
            return tensors.linear(OUTPUT, shape.vocabulary(), shape.hidden());
        }
        return new Linear(embedding == null ? embedding() : embedding, null);
    }

    private boolean hasOutput() {
        return file.tensor(OUTPUT + ".weight").isPresent();
    }

    private LayerWeights layer(String prefix) {
        int hidden = shape.hidden();
        return new LayerWeights(
                tensors.vector(prefix + "attn_norm.weight", hidden),
                qkv(prefix + "attn_q", shape.querySize()),
                qkv(prefix + "attn_k", shape.kvSize()),
                qkv(prefix + "attn_v", shape.kvSize()),
                tensors.vectorWhere(shape.needsHeadNorm(), prefix + "attn_q_norm", shape.headSize()),
                tensors.vectorWhere(shape.needsHeadNorm(), prefix + "attn_k_norm", shape.headSize()),
                tensors.linear(prefix + "attn_output", hidden, shape.querySize()),
                tensors.vector(prefix + "ffn_norm.weight", hidden),
                tensors.linear(prefix + "ffn_gate", shape.feedForward(), hidden),
                tensors.linear(prefix + "ffn_up", shape.feedForward(), hidden),
                tensors.linear(prefix + "ffn_down", hidden, shape.feedForward()));
    }

    private Linear qkv(String name, int rows) {
        return shape.needsQkvBias()
                ? tensors.biased(name, rows, shape.hidden())
                : tensors.linear(name, rows, shape.hidden());
    }

    private void refuseUnknownTensors(int layer) {
        String prefix = "blk.%d.".formatted(layer);
        for (GgufTensor tensor : file.tensors()) {
            if (tensor.name().startsWith(prefix) && !isKnown(tensor.name().substring(prefix.length()))) {
                throw new UnusableModelException("%s: the tensor \"%s\" is not known to this architecture"
                        .formatted(file.paths().getFirst(), tensor.name()));
            }
        }
    }

    private boolean isKnown(String part) {
        int dot = part.lastIndexOf('.');
        String name = dot < 0 ? part : part.substring(0, dot);
        String kind = dot < 0 ? "" : part.substring(dot + 1);
        return (LINEAR_PARTS.contains(name) && (kind.equals("weight") || kind.equals("bias")))
                || (NORM_PARTS.contains(name) && kind.equals("weight"))
                || (shape.needsHeadNorm() && HEAD_NORM_PARTS.contains(name) && kind.equals("weight"))
                || DERIVED_PARTS.contains(name)
                || DERIVED_PARTS.contains(part);
    }

    private long totalBytes() {
        long total = 0;
        for (GgufTensor tensor : file.tensors()) {
            total += belongsHere(tensor.name()) ? tensor.byteSize() : 0;
        }
        return total;
    }

    private boolean belongsHere(String name) {
        if (name.startsWith("blk.")) {
            for (int layer = span.first(); layer < span.first() + span.count(); layer++) {
                if (name.startsWith("blk.%d.".formatted(layer))) {
                    return true;
                }
            }
            return false;
        }
        return name.startsWith(EMBEDDING)
                ? span.isFirst() || (span.isLast() && !hasOutput())
                : name.startsWith(OUTPUT) && span.isLast();
    }
}
