package dev.millrace.tokenizer.model;

import dev.millrace.gguf.GgufException;
import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufMetadata;
import dev.millrace.tokenizer.vocabulary.Tokenizer;
import dev.millrace.tokenizer.vocabulary.VocabularyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads from a model file what serving its text side takes.
public final class ModelFile {
    /// Models with longer contexts get so many tokens unless told otherwise, because KV memory is planned for all of
    /// them.
    private static final int DEFAULT_CONTEXT_LIMIT = 8192;

    private ModelFile() {}

    /// Loads a model.
    ///
    /// @param id the name that requests use, or empty for the file's name without `.gguf`
    /// @param contextLength tokens of the context, or 0 for the model's own, 8192 at the most
    /// @param nowSeconds the present time in seconds since 1970
    /// @throws ModelRefusal for anything wrong with the file, or with the wanted context
    public static ServedModel load(Path path, String id, int contextLength, long nowSeconds) {
        if (!Files.isRegularFile(path)) {
            throw new ModelRefusal("there is no model file " + path);
        }
        try (GgufFile file = GgufFile.open(path)) {
            GgufMetadata metadata = file.metadata();
            String architecture = metadata.string("general.architecture");
            int layers = positive(metadata, architecture + ".block_count");
            int longest = positive(metadata, architecture + ".context_length");
            Tokenizer tokenizer = Tokenizer.from(metadata);
            TextModel text = new VocabularyTextModel(tokenizer, TemplateRenderer.of(metadata, tokenizer.vocabulary()));
            return new ServedModel(
                    id.isEmpty() ? name(path) : id,
                    nowSeconds,
                    file.digest(),
                    layers,
                    context(contextLength, longest),
                    text);
        } catch (GgufException | VocabularyException e) {
            String message = String.valueOf(e.getMessage());
            throw new ModelRefusal(message.contains(path.toString()) ? message : path + ": " + message, e);
        } catch (IOException e) {
            throw new ModelRefusal("the model file " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static int context(int wanted, int longest) {
        if (wanted > longest) {
            throw new ModelRefusal("a context length of " + wanted + " tokens is more than the model's " + longest);
        }
        return wanted == 0 ? Math.min(longest, DEFAULT_CONTEXT_LIMIT) : wanted;
    }

    private static int positive(GgufMetadata metadata, String key) {
        long value = metadata.integer(key);
        if (value < 1 || value > Integer.MAX_VALUE) {
            throw new GgufException(key + " is " + value + ", which is no sensible number");
        }
        return (int) value;
    }

    private static String name(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.endsWith(".gguf") ? name.substring(0, name.length() - ".gguf".length()) : name;
    }
}
