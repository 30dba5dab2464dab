package dev.millrace.tokenizer.text;

/// Turns the token ids of one output into text, token by token, never splitting a character.
public interface TokenDecoder {
    /// Takes the next token; returns the whole characters that became certain, often none.
    String add(int tokenId);

    /// True while bytes of an unfinished character are held back.
    boolean pending();

    /// Ends the output; returns what was held back, with U+FFFD where bytes are no character.
    String finish();
}
