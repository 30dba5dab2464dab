package dev.millrace.tokenizer.vocabulary;

import dev.millrace.tokenizer.vocabulary.split.CodePoints;

/// SentencePiece's BPE: neighbouring characters merge as long as together they are a token, the token with the highest
/// score first, the leftmost among equals. What is no token in the end becomes bytes.
///
/// `tokenizer.ggml.remove_extra_whitespaces` changes nothing: llama.cpp heeds it for unigram models only, and every
/// space
/// of a text counts.
final class SentencePieceEncoder implements RawTextEncoder {
    private static final int NOTHING = -1;

    private final Vocabulary vocabulary;
    private final float[] scores;
    private final boolean addsSpacePrefix;
    private final int[] byteTokens = new int[256];

    /// @param scores one for each token
    /// @param addsSpacePrefix whether a space is put before a text and after each special token
    SentencePieceEncoder(Vocabulary vocabulary, float[] scores, boolean addsSpacePrefix) {
        this.vocabulary = vocabulary;
        this.scores = scores;
        this.addsSpacePrefix = addsSpacePrefix;
        for (int value = 0; value < byteTokens.length; value++) {
            byteTokens[value] = byteToken(value);
        }
    }

    @Override
    public void encode(String text, int from, int to, boolean first, TokenIds tokens) {
        ByteList bytes = new ByteList(to - from + 16);
        if (first && addsSpacePrefix) {
            bytes.add(SpacedTexts.SPACE);
        }
        for (int index = from; index < to; index++) {
            int codePoint = CodePoints.at(text, index, to);
            if (codePoint == ' ') {
                bytes.add(SpacedTexts.SPACE);
            } else {
                bytes.addCodePoint(codePoint);
                index += Character.charCount(codePoint) - 1;
            }
        }
        new Merging(bytes.array(), bytes.size()).run(tokens);
    }

    private int byteToken(int value) {
        int token = vocabulary.texts().find(SpacedTexts.byteText(value));
        if (token == TokenTexts.ABSENT && value < 0x80) {
            token = vocabulary.texts().find(Character.toString(value));
        }
        if (token != TokenTexts.ABSENT) {
            return token;
        }
        return vocabulary
                .unknownTokenId()
                .orElseThrow(() ->
                        new VocabularyException("there is neither a token for the byte %s nor one for what is unknown"
                                .formatted(SpacedTexts.byteText(value))));
    }

    /// A linked list of symbols, each at the place of its first byte, and a heap of score and place. An entry of the
    /// heap
    /// is void when what begins at its place merges into something of another score by now.
    private final class Merging {
        private final byte[] text;
        private final int size;
        /// Where the symbol at a place ends, which is where the next one begins.
        private final int[] end;
        private final int[] previous;
        /// The token that the symbol at a place and the next one are together, or [#NOTHING].
        private final int[] candidate;
        private final LongHeap heap;

        Merging(byte[] text, int size) {
            this.text = text;
            this.size = size;
            end = new int[size];
            previous = new int[size];
            candidate = new int[size];
            heap = new LongHeap(size);
        }

        void run(TokenIds tokens) {
            int before = NOTHING;
            for (int place = 0; place < size; place = end[place]) {
                end[place] = Math.min(size, place + characterLength(text[place]));
                previous[place] = before;
                before = place;
            }
            for (int place = 0; place < size; place = end[place]) {
                propose(place);
            }
            while (!heap.isEmpty()) {
                long entry = heap.pop();
                int place = (int) entry;
                if (candidate[place] != NOTHING && key(candidate[place], place) == entry) {
                    merge(place);
                }
            }
            for (int place = 0; place < size; place = end[place]) {
                add(place, tokens);
            }
        }

        private void merge(int place) {
            int right = end[place];
            end[place] = end[right];
            candidate[right] = NOTHING;
            if (end[place] < size) {
                previous[end[place]] = place;
            }
            propose(place);
            if (previous[place] != NOTHING) {
                propose(previous[place]);
            }
        }

        private void propose(int place) {
            int right = end[place];
            candidate[place] = right < size ? token(place, end[right]) : NOTHING;
            if (candidate[place] != NOTHING) {
                heap.push(key(candidate[place], place));
            }
        }

        /// Higher scores first, then places from left to right.
        private long key(int token, int place) {
            int bits = Float.floatToIntBits(scores[token]);
            int ascending = bits ^ bits >> 31 & 0x7FFFFFFF;
            return (long) ~ascending << 32 | place;
        }

        private int token(int from, int to) {
            int token = vocabulary.texts().find(text, from, to);
            return token != TokenTexts.ABSENT && vocabulary.type(token).isMadeFromText() ? token : NOTHING;
        }

        private void add(int place, TokenIds tokens) {
            int token = token(place, end[place]);
            if (token != NOTHING) {
                tokens.add(token);
                return;
            }
            for (int index = place; index < end[place]; index++) {
                tokens.add(byteTokens[text[index] & 0xFF]);
            }
        }

        private static int characterLength(byte first) {
            int value = first & 0xFF;
            return value < 0xC0 ? 1 : value < 0xE0 ? 2 : value < 0xF0 ? 3 : 4;
        }
    }
}
