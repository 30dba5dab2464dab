package dev.millrace.tokenizer.vocabulary.split;

/// Takes pieces in the order of the text.
@FunctionalInterface
public interface PieceSink {
    /// Code points `[start, end)`, never none.
    void piece(int start, int end);
}
