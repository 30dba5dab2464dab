package dev.millrace.tokenizer.model;

import dev.millrace.tokenizer.text.TokenDecoder;
import dev.millrace.tokenizer.vocabulary.Vocabulary;

/// A vocabulary's decoder as streamed text wants it.
record VocabularyDecoder(Vocabulary vocabulary, dev.millrace.tokenizer.vocabulary.TokenDecoder decoder)
        implements TokenDecoder {
    @Override
    public String add(int tokenId) {
        return vocabulary.contains(tokenId) ? decoder.push(tokenId) : "";
    }

    @Override
    public boolean pending() {
        return decoder.pending();
    }

    @Override
    public String finish() {
        return decoder.finish();
    }
}
