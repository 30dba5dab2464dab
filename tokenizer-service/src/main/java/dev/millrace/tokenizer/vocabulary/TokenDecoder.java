package dev.millrace.tokenizer.vocabulary;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/// Turns the tokens of one sequence into text as they come. What [#push] returned is certain: half a character is held
/// back until the rest of it comes. All that was returned, [#finish] included, is the text of the whole sequence,
/// with U+FFFD for bytes that are not UTF-8, as a decoder of the whole would have put it.
///
/// Not safe for threads; costs a few bytes.
public final class TokenDecoder {
    private static final byte[] NOTHING = {};

    private final Tokenizer tokenizer;
    private final boolean showSpecial;
    private byte[] held = NOTHING;

    /// @param showSpecial whether tokens that steer the model have their text instead of nothing
    public TokenDecoder(Tokenizer tokenizer, boolean showSpecial) {
        this.tokenizer = tokenizer;
        this.showSpecial = showSpecial;
    }

    /// Adds a token.
    ///
    /// @return the text that became certain, possibly none
    /// @throws IndexOutOfBoundsException for an id that is not in the vocabulary
    public String push(int token) {
        byte[] piece = tokenizer.piece(token, showSpecial);
        byte[] bytes = held.length == 0 ? piece : joined(held, piece);
        int certain = bytes.length - Utf8Tail.incomplete(bytes);
        held = certain == bytes.length ? NOTHING : Arrays.copyOfRange(bytes, certain, bytes.length);
        return new String(bytes, 0, certain, UTF_8);
    }

    /// True while half a character is held back.
    public boolean pending() {
        return held.length > 0;
    }

    /// Ends the sequence; the decoder is then as new.
    ///
    /// @return U+FFFD where the sequence ended within a character, otherwise nothing
    public String finish() {
        String rest = new String(held, UTF_8);
        held = NOTHING;
        return rest;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
