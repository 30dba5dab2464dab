package dev.millrace.tokenizer.vocabulary;

import dev.millrace.gguf.GgufMetadata;
import dev.millrace.tokenizer.vocabulary.split.PreTokenizer;
import java.util.BitSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/// Chooses and connects the parts of a tokenizer by what a file says about it.
final class TokenizerFactory {
    private static final String SCORES = "tokenizer.ggml.scores";
    private static final String PRE_TOKENIZER = "tokenizer.ggml.pre";

    private TokenizerFactory() {}

    static Tokenizer create(GgufMetadata metadata, Consumer<String> warnings) {
        TokenizerModel model = TokenizerModel.of(metadata);
        return switch (model) {
            case BYTE_PAIR -> bytePair(metadata, model, warnings);
            case SENTENCE_PIECE -> sentencePiece(metadata, model);
            case WORD_PIECE -> wordPiece(metadata, model);
        };
    }

    private static Tokenizer bytePair(GgufMetadata metadata, TokenizerModel model, Consumer<String> warnings) {
        PreTokenizer preTokenizer = preTokenizer(metadata, warnings);
        Vocabulary vocabulary = VocabularyReader.read(metadata, model, preTokenizer.addsBos());
        TokenTexts pieces = BytePairEncoder.pieces(vocabulary, preTokenizer.keepsWholeTokens());
        MergeTable merges =
                MergeTable.of(VocabularyReader.strings(metadata, "tokenizer.ggml.merges"), vocabulary.texts());
        RawTextEncoder encoder = new BytePairEncoder(vocabulary, pieces, merges, preTokenizer);
        return new ModelTokenizer(vocabulary, pieces, encoder, specials(metadata, vocabulary), false);
    }

    private static PreTokenizer preTokenizer(GgufMetadata metadata, Consumer<String> warnings) {
        if (!metadata.contains(PRE_TOKENIZER)) {
            warnings.accept(PRE_TOKENIZER + " is missing: text is cut by the rules called 'default', which may not be"
                    + " those that the model was trained with");
            return PreTokenizer.unnamed();
        }
        String name = metadata.string(PRE_TOKENIZER);
        return PreTokenizer.named(name).orElseGet(() -> {
            warnings.accept("%s is %s, which is not known: text is cut by the rules called 'default', which may not be"
                            .formatted(PRE_TOKENIZER, Quoted.of(name))
                    + " those that the model was trained with");
            return PreTokenizer.unnamed();
        });
    }

    private static Tokenizer sentencePiece(GgufMetadata metadata, TokenizerModel model) {
        Vocabulary vocabulary = VocabularyReader.read(metadata, model, true);
        TokenTexts pieces = SpacedTexts.pieces(vocabulary);
        boolean addsSpacePrefix = metadata.bool("tokenizer.ggml.add_space_prefix", true);
        RawTextEncoder encoder =
                new SentencePieceEncoder(vocabulary, scores(metadata, vocabulary.size()), addsSpacePrefix);
        return new ModelTokenizer(vocabulary, pieces, encoder, specials(metadata, vocabulary), addsSpacePrefix);
    }

    private static float[] scores(GgufMetadata metadata, int tokens) {
        float[] scores = metadata.floats(SCORES);
        if (scores.length != tokens) {
            throw new VocabularyException("%s has %d elements for %d tokens; it must have one for each"
                    .formatted(SCORES, scores.length, tokens));
        }
        for (int id = 0; id < tokens; id++) {
            if (Float.isNaN(scores[id])) {
                throw new VocabularyException("%s of token %d is not a number".formatted(SCORES, id));
            }
            // Zeros compare as equal whatever their sign.
            scores[id] += 0.0f;
        }
        return scores;
    }

    private static Tokenizer wordPiece(GgufMetadata metadata, TokenizerModel model) {
        Vocabulary vocabulary = VocabularyReader.read(metadata, model, true);
        boolean lowerCase = metadata.bool("tokenizer.ggml.normalizer.lowercase", true);
        boolean stripAccents = metadata.bool("tokenizer.ggml.normalizer.strip_accents", lowerCase);
        RawTextEncoder encoder = new WordPieceEncoder(vocabulary, new WordNormalizer(stripAccents, lowerCase));
        return new ModelTokenizer(
                vocabulary, SpacedTexts.pieces(vocabulary), encoder, specials(metadata, vocabulary), false);
    }

    /// Phi-3's marks between messages take the white space after them along; no key of the file says so, so that, as in
    /// llama.cpp, the model's name must.
    private static SpecialTokens specials(GgufMetadata metadata, Vocabulary vocabulary) {
        BitSet swallowSpaces = new BitSet();
        String name = metadata.string("general.name", "").toLowerCase(Locale.ROOT);
        if (name.contains("phi-3") || name.contains("phi3")) {
            Set<String> exceptions = Set.of("<unk>", "<s>", "<|endoftext|>");
            for (int id = 0; id < vocabulary.size(); id++) {
                swallowSpaces.set(
                        id, SpecialTokens.isSpecial(vocabulary.type(id)) && !exceptions.contains(vocabulary.text(id)));
            }
        }
        return new SpecialTokens(vocabulary, swallowSpaces);
    }
}
