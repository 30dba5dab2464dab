package dev.millrace.tokenizer.model;

import dev.millrace.tokenizer.text.TokenDecoder;
import java.util.Set;

/// The text side of a model: its vocabulary and its chat template. Safe for use by many threads; [#decoder()] gives one
/// decoder per output.
public interface TextModel {
    /// Number of token ids; ids are `0 .. vocabularySize() - 1`.
    int vocabularySize();

    /// Tokens that end an output.
    Set<Integer> endTokenIds();

    /// True when the model has a chat template.
    boolean hasChatTemplate();

    /// Encodes text; `addSpecial` adds the model's own begin and end tokens, `parseSpecial` reads special tokens in the
    /// text as such.
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /// Renders the chat template; throws [TemplateRefusal] with the template's own words when it does not want to, and
    /// where JSON is broken.
    RenderedChat render(ChatInput input);

    /// Encodes a rendered conversation; special tokens are read in the template's own parts only.
    int[] encode(RenderedChat chat);

    /// The bytes that one token stands for in an output, possibly a part of a character or none.
    byte[] piece(int tokenId);

    /// The text of a whole sequence of tokens, with U+FFFD where bytes are no character.
    String decode(int[] tokenIds);

    /// A decoder at the start of an output.
    TokenDecoder decoder();
}
