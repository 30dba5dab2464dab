package dev.millrace.tokenizer.vocabulary.split;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Cuts text into the pieces within which byte pairs are merged, as the model was trained: `tokenizer.ggml.pre` names
/// it.
/// Names and rules are llama.cpp's.
public final class PreTokenizer {
    private static final Map<String, PreTokenizer> BY_NAME = new HashMap<>();
    private static final PreTokenizer DEFAULT = new PreTokenizer(Rules.DEFAULT, false, false);

    static {
        names(new PreTokenizer(Rules.LLAMA_3, true, true), "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1");
        names(new PreTokenizer(Rules.LLAMA_3, true, true), "pixtral", "midm-2.0", "lfm2");
        names(new PreTokenizer(Rules.LLAMA_3, false, false), "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
        names(new PreTokenizer(Rules.QWEN_2, false, false), "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez");
        names(new PreTokenizer(Rules.QWEN_2, false, false), "stablelm2", "hunyuan", "solar-open", "grok-2");
        names(new PreTokenizer(Rules.QWEN_35, false, false), "qwen35");
        names(new PreTokenizer(Rules.GPT_2, false, false), "gpt-2", "phi-2", "mpt", "olmo", "jais", "exaone4");
        names(new PreTokenizer(Rules.GPT_2, false, false), "trillion", "granite-docling", "gigachat", "a.x-4.0");
        names(new PreTokenizer(Rules.GPT_2, false, false), "mellum", "modern-bert", "roberta-bpe", "jina-v1-en");
        names(new PreTokenizer(Rules.GPT_2, false, false), "jina-es", "jina-de", "jina-v2-es", "jina-v2-de");
        names(new PreTokenizer(Rules.GPT_2, false, false), "jina-v2-code");
        names(new PreTokenizer(Rules.STARCODER, false, false), "starcoder", "refact", "command-r", "smollm");
        names(new PreTokenizer(Rules.STARCODER, false, false), "codeshell", "exaone", "minerva-7b", "mellum2");
        names(new PreTokenizer(Rules.TEKKEN, true, true), "tekken");
        names(new PreTokenizer(Rules.GPT_4O, false, false), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        names(new PreTokenizer(Rules.FALCON, false, false), "falcon");
        names(new PreTokenizer(Rules.DEEPSEEK_LLM, false, false), "deepseek-llm");
        names(new PreTokenizer(Rules.DEEPSEEK_CODER, false, false), "deepseek-coder");
        names(new PreTokenizer(Rules.DEEPSEEK_V3, false, false), "deepseek-v3", "hunyuan-dense", "joyai-llm");
        names(DEFAULT, "default");
    }

    private final List<Splitter> stages;
    private final boolean keepsWholeTokens;
    private final boolean addsBos;

    private PreTokenizer(List<Splitter> stages, boolean keepsWholeTokens, boolean addsBos) {
        this.stages = stages;
        this.keepsWholeTokens = keepsWholeTokens;
        this.addsBos = addsBos;
    }

    public static Optional<PreTokenizer> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// For files that name no pre-tokenizer, or one that is not known.
    public static PreTokenizer unnamed() {
        return DEFAULT;
    }

    /// Whether a piece that is a token as a whole is that token, whatever the merges make of it.
    public boolean keepsWholeTokens() {
        return keepsWholeTokens;
    }

    /// Whether texts begin with the beginning-of-sequence token where the file does not say.
    public boolean addsBos() {
        return addsBos;
    }

    /// Hands all of `text` to `sink`, piece by piece.
    public void split(ClassifiedText text, PieceSink sink) {
        PieceSink next = sink;
        for (int stage = stages.size() - 1; stage > 0; stage--) {
            Splitter splitter = stages.get(stage);
            PieceSink after = next;
            next = (start, end) -> splitter.split(text, start, end, after);
        }
        if (text.length() > 0) {
            stages.getFirst().split(text, 0, text.length(), next);
        }
    }

    private static void names(PreTokenizer preTokenizer, String... names) {
        for (String name : names) {
            BY_NAME.put(name, preTokenizer);
        }
    }
}
