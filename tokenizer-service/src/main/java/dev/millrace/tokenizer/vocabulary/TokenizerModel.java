package dev.millrace.tokenizer.vocabulary;

import dev.millrace.gguf.GgufMetadata;
import java.util.Arrays;
import java.util.stream.Collectors;

/// The kinds of tokenizer that are understood, by their name in `tokenizer.ggml.model`.
enum TokenizerModel {
    BYTE_PAIR("gpt2"),
    SENTENCE_PIECE("llama"),
    WORD_PIECE("bert");

    private static final String KEY = "tokenizer.ggml.model";

    private final String label;

    TokenizerModel(String label) {
        this.label = label;
    }

    static TokenizerModel of(GgufMetadata metadata) {
        String name = metadata.string(KEY);
        for (TokenizerModel model : values()) {
            if (model.label.equals(name)) {
                return model;
            }
        }
        String known = Arrays.stream(values()).map(model -> model.label).collect(Collectors.joining(", "));
        throw new VocabularyException(
                "%s is %s, which is not supported; supported are: %s".formatted(KEY, Quoted.of(name), known));
    }
}
