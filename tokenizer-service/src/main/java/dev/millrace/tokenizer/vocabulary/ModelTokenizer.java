package dev.millrace.tokenizer.vocabulary;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Objects;

/// A tokenizer put together from the parts that fit its vocabulary.
final class ModelTokenizer implements Tokenizer {
    private final Vocabulary vocabulary;
    private final TokenTexts pieces;
    private final RawTextEncoder encoder;
    private final SpecialTokens specials;
    private final boolean dropsFirstSpace;

    /// @param pieces the bytes that each token means
    /// @param dropsFirstSpace whether the encoder puts a space before a text, which decoding must take off again
    ModelTokenizer(
            Vocabulary vocabulary,
            TokenTexts pieces,
            RawTextEncoder encoder,
            SpecialTokens specials,
            boolean dropsFirstSpace) {
        this.vocabulary = vocabulary;
        this.pieces = pieces;
        this.encoder = encoder;
        this.specials = specials;
        this.dropsFirstSpace = dropsFirstSpace;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(List<TextSegment> segments, boolean addSpecial) {
        TrustedSpans spans = TrustedSpans.of(segments);
        TokenIds tokens = new TokenIds();
        if (addSpecial && vocabulary.addsBos()) {
            tokens.add(vocabulary.bosTokenId().orElseThrow());
        }
        specials.scan(spans, new SpecialTokens.Sink() {
            private boolean first = true;

            @Override
            public void text(int from, int to) {
                encoder.encode(spans.text(), from, to, first, tokens);
                first = false;
            }

            @Override
            public void token(int id) {
                tokens.add(id);
                first = true;
            }
        });
        if (addSpecial && vocabulary.addsEos()) {
            tokens.add(vocabulary.eosTokenId().orElseThrow());
        }
        if (addSpecial && vocabulary.addsSeparator()) {
            tokens.add(vocabulary.separatorTokenId().orElseThrow());
        }
        return tokens.toArray();
    }

    @Override
    public String decode(int[] tokens) {
        ByteList text = new ByteList(tokens.length * 4);
        for (int token : tokens) {
            if (vocabulary.type(token).isShown()) {
                pieces.appendTo(text, token);
            }
        }
        int start = dropsFirstSpace && text.size() > 0 && text.array()[0] == ' ' ? 1 : 0;
        return new String(text.array(), start, text.size() - start, UTF_8);
    }

    @Override
    public byte[] piece(int token, boolean showSpecial) {
        Objects.checkIndex(token, vocabulary.size());
        return showSpecial || vocabulary.type(token).isShown() ? pieces.bytes(token) : new byte[] {};
    }

    @Override
    public TokenDecoder decoder(boolean showSpecial) {
        return new TokenDecoder(this, showSpecial);
    }
}
