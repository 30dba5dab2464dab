package dev.millrace.tokenizer.vocabulary.split;

/// One rule of a pre-tokenizer. It must look at nothing outside the stretch it is given, must hand over every code
/// point
/// of it exactly once, and must take time proportional to its length.
@FunctionalInterface
interface Splitter {
    /// Cuts the code points `[start, end)`.
    void split(ClassifiedText text, int start, int end, PieceSink sink);
}
