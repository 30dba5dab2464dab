package dev.millrace.worker.config;

/// What a worker knows of its model before it loads anything.
///
/// @param digest SHA-256 over the header of the file, in lower-case hex
/// @param layers `L`
/// @param hiddenSize `H`
/// @param vocabularySize `V`
record ModelFacts(String digest, int layers, int hiddenSize, int vocabularySize) {}
