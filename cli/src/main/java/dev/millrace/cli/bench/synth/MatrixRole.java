package dev.millrace.cli.bench.synth;

/// What decides how finely a matrix is quantised.
enum MatrixRole {
    /// The output matrix, which may be the embedding too.
    OUTPUT,
    /// An embedding that is nothing else.
    EMBEDDING,
    ATTENTION_VALUE,
    FEED_FORWARD_DOWN,
    OTHER
}
