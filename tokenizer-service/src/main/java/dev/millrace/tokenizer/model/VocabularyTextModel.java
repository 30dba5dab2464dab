package dev.millrace.tokenizer.model;

import dev.millrace.tokenizer.text.TokenDecoder;
import dev.millrace.tokenizer.vocabulary.TextSegment;
import dev.millrace.tokenizer.vocabulary.Tokenizer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A [TextModel] over the vocabulary and the chat template of a model file.
///
/// A model may have more rows in its output than its vocabulary has tokens; such a padding id, should it be sampled,
/// stands for nothing.
final class VocabularyTextModel implements TextModel {
    private static final byte[] NOTHING = {};

    private final Tokenizer tokenizer;
    private final @Nullable ChatRenderer template;
    private final Set<Integer> endTokenIds;

    /// `template` is null where the model has none.
    VocabularyTextModel(Tokenizer tokenizer, @Nullable ChatRenderer template) {
        this.tokenizer = tokenizer;
        this.template = template;
        endTokenIds = Set.copyOf(tokenizer.vocabulary().endTokenIds());
    }

    @Override
    public int vocabularySize() {
        return tokenizer.vocabulary().size();
    }

    @Override
    public Set<Integer> endTokenIds() {
        return endTokenIds;
    }

    @Override
    public boolean hasChatTemplate() {
        return template != null;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return tokenizer.encode(text, addSpecial, parseSpecial);
    }

    @Override
    public RenderedChat render(ChatInput input) {
        if (template == null) {
            throw new TemplateRefusal("The model has no chat template.");
        }
        return template.render(input);
    }

    @Override
    public int[] encode(RenderedChat chat) {
        List<TextSegment> segments = chat.parts().stream()
                .map(part -> new TextSegment(part.text(), part.trusted()))
                .toList();
        return tokenizer.encode(segments, false);
    }

    @Override
    public byte[] piece(int tokenId) {
        return tokenizer.vocabulary().contains(tokenId) ? tokenizer.piece(tokenId) : NOTHING;
    }

    @Override
    public String decode(int[] tokenIds) {
        return tokenizer.decode(tokenIds);
    }

    @Override
    public TokenDecoder decoder() {
        return new VocabularyDecoder(tokenizer.vocabulary(), tokenizer.decoder());
    }
}
