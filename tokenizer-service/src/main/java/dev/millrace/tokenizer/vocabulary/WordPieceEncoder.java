package dev.millrace.tokenizer.vocabulary;

/// WordPiece: each word, with U+2581 before it, is cut from the left into the longest tokens; a word that cannot be cut
/// so is the unknown token.
final class WordPieceEncoder implements RawTextEncoder {
    private final Vocabulary vocabulary;
    private final WordNormalizer normalizer;
    private final int unknown;

    WordPieceEncoder(Vocabulary vocabulary, WordNormalizer normalizer) {
        this.vocabulary = vocabulary;
        this.normalizer = normalizer;
        this.unknown = vocabulary
                .unknownTokenId()
                .orElseThrow(() -> new VocabularyException(
                        "tokenizer.ggml.unknown_token_id must name the token for words that are unknown"));
    }

    @Override
    public void encode(String text, int from, int to, boolean first, TokenIds tokens) {
        ByteList spaced = new ByteList(64);
        normalizer.words(text, from, to, word -> {
            spaced.clear();
            spaced.add(SpacedTexts.SPACE);
            spaced.add(word.array(), word.size());
            encodeWord(spaced.array(), spaced.size(), tokens);
        });
    }

    private void encodeWord(byte[] word, int length, TokenIds tokens) {
        int before = tokens.size();
        int position = 0;
        while (position < length) {
            int token = longest(word, position, length);
            if (token == TokenTexts.ABSENT) {
                tokens.shrink(before);
                tokens.add(unknown);
                return;
            }
            tokens.add(token);
            position += vocabulary.texts().length(token);
        }
    }

    private int longest(byte[] word, int from, int length) {
        TokenTexts texts = vocabulary.texts();
        int limit = Math.min(length, from + texts.longest());
        int longest = TokenTexts.ABSENT;
        long hash = TokenTexts.start();
        for (int to = from; to < limit; ) {
            hash = TokenTexts.step(hash, word[to]);
            to++;
            int token = texts.find(hash, word, from, to);
            if (token != TokenTexts.ABSENT && vocabulary.type(token).isMadeFromText()) {
                longest = token;
            }
        }
        return longest;
    }
}
