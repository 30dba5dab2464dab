package dev.millrace.worker.model;

import dev.millrace.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/// Writes models of a few thousand random weights, right or with something wrong.
public final class TinyModel {

    public static final int LAYERS = 3;
    public static final int HIDDEN = 24;
    public static final int HEADS = 4;
    public static final int KV_HEADS = 2;
    public static final int FEED_FORWARD = 40;
    public static final int TOKEN_IDS = 70;

    private final String architecture;
    private final int headSize;
    private final Map<String, Number> numbers = new LinkedHashMap<>();
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, long[]> tensors = new LinkedHashMap<>();
    private final Map<String, float[]> values = new LinkedHashMap<>();
    private boolean causal = true;

    public TinyModel(String architecture, int headSize) {
        this.architecture = architecture;
        this.headSize = headSize;
        numbers.put("block_count", LAYERS);
        numbers.put("context_length", 256);
        numbers.put("embedding_length", HIDDEN);
        numbers.put("feed_forward_length", FEED_FORWARD);
        numbers.put("attention.head_count", HEADS);
        numbers.put("attention.head_count_kv", KV_HEADS);
        numbers.put("attention.layer_norm_rms_epsilon", 1e-5f);
        numbers.put("rope.freq_base", 10_000f);
        if (headSize * HEADS != HIDDEN) {
            numbers.put("attention.key_length", headSize);
            numbers.put("attention.value_length", headSize);
        }
        tensor("token_embd.weight", HIDDEN, TOKEN_IDS).tensor("output_norm.weight", HIDDEN);
        for (int layer = 0; layer < LAYERS; layer++) {
            layer("blk." + layer + ".");
        }
    }

    private void layer(String prefix) {
        tensor(prefix + "attn_norm.weight", HIDDEN).tensor(prefix + "ffn_norm.weight", HIDDEN);
        tensor(prefix + "attn_q.weight", HIDDEN, (long) HEADS * headSize);
        tensor(prefix + "attn_k.weight", HIDDEN, (long) KV_HEADS * headSize);
        tensor(prefix + "attn_v.weight", HIDDEN, (long) KV_HEADS * headSize);
        tensor(prefix + "attn_output.weight", (long) HEADS * headSize, HIDDEN);
        tensor(prefix + "ffn_gate.weight", HIDDEN, FEED_FORWARD);
        tensor(prefix + "ffn_up.weight", HIDDEN, FEED_FORWARD);
        tensor(prefix + "ffn_down.weight", FEED_FORWARD, HIDDEN);
        if (architecture.equals("qwen2")) {
            tensor(prefix + "attn_q.bias", (long) HEADS * headSize);
            tensor(prefix + "attn_k.bias", (long) KV_HEADS * headSize);
            tensor(prefix + "attn_v.bias", (long) KV_HEADS * headSize);
        }
        if (architecture.equals("qwen3")) {
            tensor(prefix + "attn_q_norm.weight", headSize).tensor(prefix + "attn_k_norm.weight", headSize);
        }
    }

    public TinyModel number(String key, Number value) {
        numbers.put(key, value);
        return this;
    }

    public TinyModel text(String key, String value) {
        texts.put(key, value);
        return this;
    }

    public TinyModel notCausal() {
        causal = false;
        return this;
    }

    /// Adds or replaces a tensor of random values; the row length comes first.
    public TinyModel tensor(String name, long... dimensions) {
        tensors.put(name, dimensions);
        return this;
    }

    public TinyModel tensorOf(String name, float... given) {
        values.put(name, given);
        return tensor(name, given.length);
    }

    public TinyModel without(String key) {
        tensors.remove(key);
        numbers.remove(key);
        return this;
    }

    public Path write(Path folder) throws IOException {
        GgufWriter writer = new GgufWriter().string("general.architecture", architecture);
        numbers.forEach((key, value) -> {
            if (value instanceof Float number) {
                writer.float32(architecture + "." + key, number);
            } else {
                writer.uint32(architecture + "." + key, value.longValue());
            }
        });
        texts.forEach((key, value) -> writer.string(architecture + "." + key, value));
        if (!causal) {
            writer.bool(architecture + ".attention.causal", false);
        }
        tensors.forEach((name, dimensions) -> writer.float32Tensor(name, content(name, dimensions), dimensions));
        return writer.write(folder.resolve("tiny.gguf"));
    }

    private float[] content(String name, long[] dimensions) {
        float[] given = values.get(name);
        if (given != null) {
            return given;
        }
        long count = 1;
        for (long dimension : dimensions) {
            count *= dimension;
        }
        Random random = new Random(name.hashCode());
        float[] content = new float[(int) count];
        for (int i = 0; i < content.length; i++) {
            content[i] = (float) random.nextGaussian() * (dimensions.length == 1 ? 1f : 0.3f);
        }
        return content;
    }
}
