package dev.millrace.tokenizer.vocabulary;

import dev.millrace.gguf.GgufMetadata;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/// Text to token ids and back, as the vocabulary of a model file defines it. Safe for any number of threads; the time
/// grows with the length of the text times its logarithm, whatever the text is.
public interface Tokenizer {
    /// The tokenizer of a model file; what is odd but usable about its vocabulary is logged as a warning.
    ///
    /// @throws VocabularyException for a vocabulary that does not fit together or is of a kind that is not supported
    /// @throws dev.millrace.gguf.GgufException for a key that is missing or of the wrong type
    static Tokenizer from(GgufMetadata metadata) {
        return from(
                metadata, warning -> LoggerFactory.getLogger(Tokenizer.class).warn(warning));
    }

    /// As [#from(GgufMetadata)], with warnings, each one line, handed to `warnings`.
    static Tokenizer from(GgufMetadata metadata, Consumer<String> warnings) {
        return TokenizerFactory.create(metadata, warnings);
    }

    Vocabulary vocabulary();

    /// Encodes one text.
    ///
    /// @param addSpecial whether to add what the model wants at the beginning and end of a text
    /// @param parseSpecial whether special tokens written in the text are special; false for what users say
    default int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        return encode(List.of(new TextSegment(text, parseSpecial)), addSpecial);
    }

    /// Encodes the text that the segments make up together. The tokens are those of the text as a whole, except that
    /// control tokens are found only within segments that allow them.
    ///
    /// Unpaired surrogates become U+FFFD.
    ///
    /// @param addSpecial whether to add what the model wants at the beginning and end of a text
    int[] encode(List<TextSegment> segments, boolean addSpecial);

    /// The text of a whole sequence of tokens. Tokens that steer the model are left out, as is the space that some
    /// vocabularies put before a text: what was encoded without specials comes back as it was, where the vocabulary
    /// loses nothing (WordPiece does).
    ///
    /// For what a model goes on to write after a prompt use [#decoder], streamed or not: a space at its beginning is
    /// the
    /// model's own.
    ///
    /// @throws IndexOutOfBoundsException for an id that is not in the vocabulary
    String decode(int[] tokens);

    /// The bytes that a token adds to a text: possibly none, possibly part of a character.
    ///
    /// @param showSpecial whether tokens that steer the model have their text instead of nothing
    /// @throws IndexOutOfBoundsException for an id that is not in the vocabulary
    byte[] piece(int token, boolean showSpecial);

    /// As [#piece(int, boolean)], without special tokens.
    default byte[] piece(int token) {
        return piece(token, false);
    }

    /// A decoder for one sequence of tokens that come one after another.
    ///
    /// @param showSpecial whether tokens that steer the model have their text instead of nothing
    TokenDecoder decoder(boolean showSpecial);

    /// As [#decoder(boolean)], without special tokens.
    default TokenDecoder decoder() {
        return decoder(false);
    }
}
