package dev.millrace.tokenizer.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// llama.cpp's own test vectors and its ids for whole books, for real vocabularies. No case is judged differently.
class LlamaCppVectorsTest {
    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    @ParameterizedTest
    @ValueSource(
            strings = {"llama-bpe", "qwen2", "gpt-2", "starcoder", "deepseek-llm", "llama-spm", "phi-3", "bert-bge"})
    void gives_the_ids_of_every_vector(String name) throws IOException {
        Path folder = SharedData.folder("vocab");
        Tokenizer tokenizer = SharedData.vocabulary(name);
        String input = Files.readString(folder.resolve("ggml-vocab-" + name + ".gguf.inp"));
        List<String> cases = new ArrayList<>(List.of(input.split(SEPARATOR, -1)));
        if (cases.getLast().isEmpty()) {
            cases.removeLast();
        }
        List<String> expected = Files.readAllLines(folder.resolve("ggml-vocab-" + name + ".gguf.out"));
        assertThat(cases).hasSameSizeAs(expected).hasSize(46);
        for (int index = 0; index < cases.size(); index++) {
            int[] ids = tokenizer.encode(cases.get(index), false, false);
            assertThat(ids)
                    .as("case %d: %s", index, cases.get(index))
                    .containsExactly(Stream.of(expected.get(index).trim().split(" "))
                            .filter(id -> !id.isEmpty())
                            .mapToInt(Integer::parseInt)
                            .toArray());
        }
    }

    @TestFactory
    Stream<DynamicTest> gives_the_ids_of_every_text() throws IOException {
        Path goldens = SharedData.folder("vocab").resolve("text-goldens.json");
        JsonNode cases = new JsonMapper().readTree(Files.readString(goldens)).get("cases");
        return IntStream.range(0, cases.size()).mapToObj(cases::get).map(golden -> {
            String vocabulary = golden.get("vocab").asString();
            String text = golden.get("text").asString();
            return DynamicTest.dynamicTest(vocabulary + " " + text, () -> check(golden, vocabulary, text));
        });
    }

    private static void check(JsonNode golden, String vocabulary, String name) throws Exception {
        Path text = SharedData.folder("texts").resolve(name);
        assumeTrue(Files.isRegularFile(text), "the text is not among the shared ones: " + name);
        Tokenizer tokenizer = SharedData.tokenizer(SharedData.folder("vocab").resolve(vocabulary));
        int[] ids = tokenizer.encode(Files.readString(text), false, false);
        int[] head = IntStream.range(0, golden.get("head").size())
                .map(index -> golden.get("head").get(index).asInt())
                .toArray();
        assertThat(Arrays.copyOf(ids, head.length)).as("head").containsExactly(head);
        assertThat(ids).hasSize(golden.get("n").asInt());
        ByteBuffer bytes = ByteBuffer.allocate(ids.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(ids);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.array());
        assertThat(HexFormat.of().formatHex(hash))
                .isEqualTo(golden.get("sha256").asString());
    }

    @Test
    void gives_the_prompts_of_the_model_goldens() throws IOException {
        Path models = SharedData.folder("models");
        JsonNode cases = new JsonMapper()
                .readTree(Files.readString(models.resolve("goldens-greedy.json")))
                .get("cases");
        for (JsonNode golden : cases) {
            Tokenizer tokenizer =
                    SharedData.tokenizer(models.resolve(golden.get("model").asString()));
            JsonNode expected = golden.get("input_ids");
            assertThat(tokenizer.encode(golden.get("prompt").asString(), true, false))
                    .containsExactly(IntStream.range(0, expected.size())
                            .map(index -> expected.get(index).asInt())
                            .toArray());
        }
    }
}
