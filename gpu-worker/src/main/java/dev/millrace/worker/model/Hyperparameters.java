package dev.millrace.worker.model;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufMetadata;
import dev.millrace.worker.weights.UnusableModelException;

/// Reads the metadata of one architecture within bounds: a file may say anything.
final class Hyperparameters {

    private final GgufMetadata metadata;
    private final String file;
    private final String prefix;

    Hyperparameters(GgufFile file, String architecture) {
        metadata = file.metadata();
        this.file = file.paths().getFirst().toString();
        prefix = architecture + ".";
    }

    boolean has(String key) {
        return metadata.contains(prefix + key);
    }

    /// A number from 1 to `highest` that has to be there.
    int positive(String key, int highest) {
        return inRange(key, metadata.integer(prefix + key), highest);
    }

    /// A number from 1 to `highest`, or `fallback`.
    int positive(String key, int highest, int fallback) {
        return inRange(key, metadata.integer(prefix + key, fallback), highest);
    }

    private int inRange(String key, long value, int highest) {
        if (value < 1 || value > highest) {
            throw refusal(key, Long.toString(value), "has to be from 1 to " + highest);
        }
        return (int) value;
    }

    /// A number in `[lowest, highest]` that has to be there.
    float number(String key, float lowest, float highest) {
        return inRange(key, metadata.floating(prefix + key), lowest, highest);
    }

    /// A number in `[lowest, highest]`, or `fallback`.
    float number(String key, float lowest, float highest, float fallback) {
        return inRange(key, metadata.floating(prefix + key, fallback), lowest, highest);
    }

    private float inRange(String key, float value, float lowest, float highest) {
        if (!(value >= lowest && value <= highest)) {
            throw refusal(key, Float.toString(value), "has to be from " + lowest + " to " + highest);
        }
        return value;
    }

    String text(String key, String fallback) {
        return metadata.string(prefix + key, fallback);
    }

    boolean flag(String key, boolean fallback) {
        return metadata.bool(prefix + key, fallback);
    }

    /// The exception for a value that cannot be.
    UnusableModelException refusal(String key, String value, String reason) {
        return new UnusableModelException("%s: \"%s%s\" is %s, but %s".formatted(file, prefix, key, value, reason));
    }
}
