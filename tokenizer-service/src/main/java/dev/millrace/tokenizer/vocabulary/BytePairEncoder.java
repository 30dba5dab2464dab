package dev.millrace.tokenizer.vocabulary;

import dev.millrace.tokenizer.vocabulary.split.ClassifiedText;
import dev.millrace.tokenizer.vocabulary.split.PieceSink;
import dev.millrace.tokenizer.vocabulary.split.PreTokenizer;

/// Byte-level BPE: text is cut into pieces, the bytes of each piece are merged pair by pair.
final class BytePairEncoder implements RawTextEncoder {
    private static final int NO_TOKEN = -1;

    private final Vocabulary vocabulary;
    private final TokenTexts pieces;
    private final MergeTable merges;
    private final PreTokenizer preTokenizer;
    private final int[] byteTokens = new int[256];

    /// @param pieces the bytes of each token, indexed where the pre-tokenizer keeps whole tokens
    BytePairEncoder(Vocabulary vocabulary, TokenTexts pieces, MergeTable merges, PreTokenizer preTokenizer) {
        this.vocabulary = vocabulary;
        this.pieces = pieces;
        this.merges = merges;
        this.preTokenizer = preTokenizer;
        for (int value = 0; value < byteTokens.length; value++) {
            byteTokens[value] = vocabulary.idOf(ByteAlphabet.text(value)).orElse(NO_TOKEN);
        }
    }

    /// The bytes that each token means. Those that a piece of text may become as a whole are in the index, where one is
    /// wanted.
    static TokenTexts pieces(Vocabulary vocabulary, boolean indexed) {
        TokenTexts.Builder pieces = new TokenTexts.Builder(vocabulary.size());
        boolean[] whole = new boolean[vocabulary.size()];
        for (int id = 0; id < whole.length; id++) {
            switch (vocabulary.type(id)) {
                case CONTROL, UNKNOWN, USER_DEFINED ->
                    pieces.bytes().add(vocabulary.texts().bytes(id));
                case NORMAL, BYTE, UNUSED, UNDEFINED ->
                    whole[id] = ByteAlphabet.decode(vocabulary.text(id), pieces.bytes());
            }
            pieces.endToken();
        }
        return indexed ? pieces.withIndex(id -> whole[id]) : pieces.withoutIndex();
    }

    @Override
    public void encode(String text, int from, int to, boolean first, TokenIds tokens) {
        ClassifiedText classified = ClassifiedText.of(text, from, to);
        preTokenizer.split(classified, new PieceEncoder(classified, tokens));
    }

    /// Encodes the pieces of one text.
    private final class PieceEncoder implements PieceSink {
        private final ClassifiedText text;
        private final TokenIds tokens;
        private final PairMerger merger = new PairMerger(merges);
        private final ByteList bytes = new ByteList(64);
        private int[] symbols = new int[64];

        PieceEncoder(ClassifiedText text, TokenIds tokens) {
            this.text = text;
            this.tokens = tokens;
        }

        @Override
        public void piece(int start, int end) {
            bytes.clear();
            for (int index = start; index < end; index++) {
                bytes.addCodePoint(text.codePoint(index));
            }
            if (preTokenizer.keepsWholeTokens()) {
                int whole = pieces.find(bytes.array(), 0, bytes.size());
                if (whole != TokenTexts.ABSENT) {
                    tokens.add(whole);
                    return;
                }
            }
            if (symbols.length < bytes.size()) {
                symbols = new int[bytes.array().length];
            }
            for (int index = 0; index < bytes.size(); index++) {
                symbols[index] = byteTokens[bytes.array()[index] & 0xFF];
            }
            int count = merger.merge(symbols, bytes.size());
            for (int index = 0; index < count; index++) {
                add(symbols[index]);
            }
        }

        /// A byte without a token is left out, as by llama.cpp: some vocabularies lack bytes that text hardly ever has,
        /// and what they call unknown is the token that ends texts. A token that text must not forge is taken apart
        /// again, although its merges are in the file.
        private void add(int symbol) {
            if (symbol == NO_TOKEN) {
                return;
            }
            if (!vocabulary.needsTrust(symbol)) {
                tokens.add(symbol);
                return;
            }
            for (byte value : pieces.bytes(symbol)) {
                int token = byteTokens[value & 0xFF];
                if (token != NO_TOKEN && token != symbol) {
                    tokens.add(token);
                }
            }
        }
    }
}
