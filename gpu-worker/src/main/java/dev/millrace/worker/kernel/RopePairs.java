package dev.millrace.worker.kernel;

/// Which two values of a head are rotated together.
public enum RopePairs {
    /// `2 i` and `2 i + 1`, as in Llama's GGUF files.
    NEIGHBOURS,
    /// `i` and `i + n / 2` of `n` rotated values, as in GPT-NeoX and Qwen.
    HALVES
}
