package dev.millrace.tokenizer.vocabulary;

import dev.millrace.gguf.GgufMetadata;
import dev.millrace.gguf.StringArray;
import java.util.Collections;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// Reads the tokens of a file and what is said about them, and refuses what does not fit together.
final class VocabularyReader {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final String TOKENS = PREFIX + "tokens";
    private static final String TYPES = PREFIX + "token_type";

    private final GgufMetadata metadata;
    private final TokenizerModel model;
    private final TokenTexts texts;
    private final byte[] types;

    private VocabularyReader(GgufMetadata metadata, TokenizerModel model) {
        this.metadata = metadata;
        this.model = model;
        this.texts = texts(strings(metadata, TOKENS));
        this.types = types();
    }

    /// @param addsBosByDefault whether texts begin with the beginning-of-sequence token where the file does not say
    static Vocabulary read(GgufMetadata metadata, TokenizerModel model, boolean addsBosByDefault) {
        return new VocabularyReader(metadata, model).vocabulary(addsBosByDefault);
    }

    /// An array of strings as their bytes.
    static StringArray strings(GgufMetadata metadata, String key) {
        return metadata.find(key)
                .filter(StringArray.class::isInstance)
                .map(StringArray.class::cast)
                .orElseThrow(() -> new VocabularyException(key + " must be there and be an array of strings"));
    }

    private Vocabulary vocabulary(boolean addsBosByDefault) {
        SortedSet<Integer> ends = endsByText();
        OptionalInt endOfText = find("<|endoftext|>");
        OptionalInt bos = switch (model) {
            case BYTE_PAIR -> role("bos_token_id", OptionalInt.empty());
            case SENTENCE_PIECE -> role("bos_token_id", inVocabulary(1));
            case WORD_PIECE -> role("bos_token_id", role("cls_token_id", inVocabulary(101)));
        };
        OptionalInt eos = switch (model) {
            case BYTE_PAIR -> role("eos_token_id", endOfText);
            case SENTENCE_PIECE -> role("eos_token_id", inVocabulary(2));
            case WORD_PIECE -> role("eos_token_id", OptionalInt.empty());
        };
        OptionalInt unknown = switch (model) {
            case BYTE_PAIR -> role("unknown_token_id", OptionalInt.empty());
            case SENTENCE_PIECE -> role("unknown_token_id", inVocabulary(0));
            case WORD_PIECE -> role("unknown_token_id", inVocabulary(100));
        };
        OptionalInt separator = model == TokenizerModel.WORD_PIECE
                ? role("seperator_token_id", role("separator_token_id", inVocabulary(102)))
                : OptionalInt.empty();
        eos.ifPresent(ends::add);
        role("eot_token_id", OptionalInt.empty()).ifPresent(ends::add);
        role("eom_token_id", OptionalInt.empty()).ifPresent(ends::add);
        boolean wordPiece = model == TokenizerModel.WORD_PIECE;
        TokenRoles roles = new TokenRoles(
                bos,
                eos,
                unknown,
                separator,
                adds("add_bos_token", addsBosByDefault && bos.isPresent(), bos),
                !wordPiece && adds("add_eos_token", false, eos),
                wordPiece && separator.isPresent(),
                Collections.unmodifiableSortedSet(ends));
        return new Vocabulary(texts, types, roles);
    }

    private static TokenTexts texts(StringArray tokens) {
        if (tokens.size() == 0) {
            throw new VocabularyException(TOKENS + " is empty");
        }
        TokenTexts.Builder builder = new TokenTexts.Builder(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            builder.bytes().add(tokens.bytes(id));
            builder.endToken();
        }
        return builder.withIndex(id -> true);
    }

    private byte[] types() {
        byte[] types = new byte[texts.size()];
        int[] numbers = metadata.contains(TYPES) ? metadata.integers(TYPES) : null;
        if (numbers != null && numbers.length != types.length) {
            throw new VocabularyException("%s has %d elements for %d tokens; it must have one for each"
                    .formatted(TYPES, numbers.length, types.length));
        }
        for (int id = 0; id < types.length; id++) {
            TokenType type = numbers == null ? TokenType.NORMAL : TokenType.of(id, numbers[id]);
            types[id] = (byte) type.ordinal();
        }
        return types;
    }

    /// Finds the tokens that end answers by their text, and makes control tokens of those that are not.
    private SortedSet<Integer> endsByText() {
        SortedSet<Integer> ends = new TreeSet<>();
        Set<String> endTexts = new HashSet<>();
        for (String text : EndTokens.TEXTS) {
            find(text).ifPresent(id -> {
                if (EndTokens.isEnd(text, TokenType.ofOrdinal(types[id]))) {
                    types[id] = (byte) TokenType.CONTROL.ordinal();
                    ends.add(id);
                    endTexts.add(text);
                }
            });
        }
        if (EndTokens.endIsWithinAnswers(endTexts)) {
            find("<|end|>").ifPresent(ends::remove);
        }
        return ends;
    }

    private OptionalInt find(String text) {
        int id = texts.find(text);
        return id == TokenTexts.ABSENT ? OptionalInt.empty() : OptionalInt.of(id);
    }

    private OptionalInt inVocabulary(int id) {
        return id < types.length ? OptionalInt.of(id) : OptionalInt.empty();
    }

    private OptionalInt role(String name, OptionalInt fallback) {
        String key = PREFIX + name;
        if (!metadata.contains(key)) {
            return fallback;
        }
        long id = metadata.integer(key);
        if (id < 0 || id >= types.length) {
            throw new VocabularyException(
                    "%s is %d; the vocabulary has tokens 0 to %d".formatted(key, id, types.length - 1));
        }
        return OptionalInt.of((int) id);
    }

    private boolean adds(String name, boolean fallback, OptionalInt token) {
        boolean adds = metadata.bool(PREFIX + name, fallback);
        if (adds && token.isEmpty()) {
            throw new VocabularyException(
                    "%s%s is true, but the file does not say which token that is".formatted(PREFIX, name));
        }
        return adds;
    }
}
