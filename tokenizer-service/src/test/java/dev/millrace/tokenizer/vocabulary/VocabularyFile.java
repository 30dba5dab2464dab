package dev.millrace.tokenizer.vocabulary;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gguf.GgufFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// A GGUF file of our own making that holds only a vocabulary.
final class VocabularyFile {
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private final Map<String, Object> values = new LinkedHashMap<>();

    /// Byte-level BPE with a token for each byte; ids from 256 on are the merges' results in their order.
    static VocabularyFile bytePair(String preTokenizer, String... merges) {
        List<String> tokens = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            tokens.add(ByteAlphabet.text(value));
        }
        for (String merge : merges) {
            tokens.add(merge.replace(" ", ""));
        }
        return new VocabularyFile()
                .with("tokenizer.ggml.model", "gpt2")
                .with("tokenizer.ggml.pre", preTokenizer)
                .with("tokenizer.ggml.tokens", tokens)
                .with("tokenizer.ggml.merges", List.of(merges));
    }

    /// SentencePiece with `<unk>`, `<s>`, `</s>`, the bytes, and from id 259 on `pieces`, the first with the best
    /// score.
    static VocabularyFile sentencePiece(String... pieces) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> types = new ArrayList<>(List.of(2, 3, 3));
        for (int value = 0; value < 256; value++) {
            tokens.add(SpacedTexts.byteText(value));
            types.add(6);
        }
        for (String piece : pieces) {
            tokens.add(piece);
            types.add(1);
        }
        float[] scores = new float[tokens.size()];
        for (int id = 259; id < scores.length; id++) {
            scores[id] = 258 - id;
        }
        return new VocabularyFile()
                .with("tokenizer.ggml.model", "llama")
                .with("tokenizer.ggml.tokens", tokens)
                .with("tokenizer.ggml.scores", scores)
                .withTypes(types);
    }

    /// WordPiece with `[CLS]`, `[SEP]`, `[UNK]` and from id 3 on `pieces`.
    static VocabularyFile wordPiece(String... pieces) {
        List<String> tokens = new ArrayList<>(List.of("[CLS]", "[SEP]", "[UNK]"));
        List<Integer> types = new ArrayList<>(List.of(3, 3, 3));
        for (String piece : pieces) {
            tokens.add(piece);
            types.add(1);
        }
        return new VocabularyFile()
                .with("tokenizer.ggml.model", "bert")
                .with("tokenizer.ggml.tokens", tokens)
                .withTypes(types)
                .with("tokenizer.ggml.cls_token_id", 0)
                .with("tokenizer.ggml.seperator_token_id", 1)
                .with("tokenizer.ggml.unknown_token_id", 2);
    }

    /// Adds a token at the end.
    VocabularyFile withToken(String text, TokenType type) {
        List<Object> tokens = new ArrayList<>((List<?>) get("tokenizer.ggml.tokens"));
        List<Integer> types = new ArrayList<>();
        if (values.get("tokenizer.ggml.token_type") instanceof int[] known) {
            for (int number : known) {
                types.add(number);
            }
        }
        while (types.size() < tokens.size()) {
            types.add(TokenType.NORMAL.ordinal());
        }
        tokens.add(text);
        types.add(type.ordinal());
        with("tokenizer.ggml.tokens", tokens).withTypes(types);
        if (values.get("tokenizer.ggml.scores") instanceof float[] scores) {
            with("tokenizer.ggml.scores", Arrays.copyOf(scores, scores.length + 1));
        }
        return this;
    }

    VocabularyFile withTypes(List<Integer> types) {
        return with(
                "tokenizer.ggml.token_type",
                types.stream().mapToInt(Integer::intValue).toArray());
    }

    /// A string, an Integer, a Boolean, an array of floats or ints, or a list of strings.
    VocabularyFile with(String key, Object value) {
        values.put(key, value);
        return this;
    }

    VocabularyFile without(String key) {
        values.remove(key);
        return this;
    }

    Object get(String key) {
        Object value = values.get(key);
        if (value == null) {
            throw new IllegalStateException("no such key: " + key);
        }
        return value;
    }

    Tokenizer tokenizer() {
        return tokenizer(warning -> {
            throw new AssertionError("unexpected warning: " + warning);
        });
    }

    Tokenizer tokenizer(Consumer<String> warnings) {
        return tokenizer(bytes(), warnings);
    }

    static Tokenizer tokenizer(byte[] file, Consumer<String> warnings) {
        try {
            Path path = Files.createTempFile("vocabulary", ".gguf");
            try {
                Files.write(path, file);
                try (GgufFile opened = GgufFile.open(path)) {
                    return Tokenizer.from(opened.metadata(), warnings);
                }
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] bytes() {
        ByteBuffer file = ByteBuffer.allocate(1 << 22).order(ByteOrder.LITTLE_ENDIAN);
        file.put("GGUF".getBytes(UTF_8)).putInt(3).putLong(0).putLong(values.size());
        values.forEach((key, value) -> {
            putString(file, key);
            putValue(file, value);
        });
        while (file.position() % 32 != 0) {
            file.put((byte) 0);
        }
        return Arrays.copyOf(file.array(), file.position());
    }

    private static void putValue(ByteBuffer file, Object value) {
        switch (value) {
            case String text -> {
                file.putInt(STRING);
                putString(file, text);
            }
            case Integer number -> file.putInt(UINT32).putInt(number);
            case Boolean flag -> file.putInt(BOOL).put((byte) (flag ? 1 : 0));
            case float[] floats -> {
                file.putInt(ARRAY).putInt(FLOAT32).putLong(floats.length);
                for (float number : floats) {
                    file.putFloat(number);
                }
            }
            case int[] integers -> {
                file.putInt(ARRAY).putInt(INT32).putLong(integers.length);
                for (int number : integers) {
                    file.putInt(number);
                }
            }
            case List<?> strings -> {
                file.putInt(ARRAY).putInt(STRING).putLong(strings.size());
                strings.forEach(text -> putString(file, String.valueOf(text)));
            }
            default -> throw new IllegalArgumentException("cannot write " + value);
        }
    }

    private static void putString(ByteBuffer file, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        file.putLong(bytes.length).put(bytes);
    }
}
