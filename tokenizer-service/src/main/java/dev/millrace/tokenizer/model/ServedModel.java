package dev.millrace.tokenizer.model;

/// The model that this service serves.
///
/// @param id the name that requests use
/// @param createdSeconds when it was loaded, in seconds since 1970
/// @param digest SHA-256 over the header of its file, in lower-case hex
/// @param layers number of its layers
/// @param contextLength tokens that prompt and output may have together
/// @param text its vocabulary and chat template
public record ServedModel(
        String id, long createdSeconds, String digest, int layers, int contextLength, TextModel text) {}
