package dev.millrace.worker.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `step.cuh`, with which kernels read what is packed here. What they do with it is compared where kernels are.
class StepWordsTest {

    private static final Path HEADER = Path.of("src", "main", "cuda", "step.cuh");

    private static Map<String, Integer> found(String pattern) throws IOException {
        Map<String, Integer> found = new HashMap<>();
        Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(HEADER));
        while (matcher.find()) {
            found.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
        }
        return found;
    }

    @Test
    void kernels_know_the_same_sizes() throws IOException {
        assertThat(found("([A-Z_]+) = (\\d+)"))
                .containsEntry("BLOCK_TOKENS", StepInput.BLOCK_TOKENS)
                .containsEntry("STEP_HEADER_WORDS", StepInput.HEADER_WORDS)
                .containsEntry("STEP_SAMPLE_WORDS", StepInput.SAMPLE_WORDS);
    }

    @Test
    void kernels_find_the_counts_of_a_step() throws IOException {
        StepInput step = sampled();
        Map<String, Integer> words = found("DEVICE int (\\w+)\\(\\) const \\{ return words\\[(\\d+)\\]; }");
        Map<String, Integer> wanted = new HashMap<>();
        wanted.put("word_count", (int) step.bytes().byteSize() / 4);
        wanted.put("tokens", 3);
        wanted.put("sequences", 1);
        wanted.put("table_words", 2);
        wanted.put("samples", 1);
        assertFound(step, 0, words, wanted);
    }

    @Test
    void kernels_find_the_words_of_a_sample() throws IOException {
        StepInput step = sampled();
        Map<String, Integer> words =
                found("DEVICE \\w+ (\\w+)\\(\\) const \\{ return [^;]*\\brecord\\[(\\d+)\\]\\)?; }");
        int start = StepInput.HEADER_WORDS + 4 * 3 + 4 + 1 + 2;
        Map<String, Integer> wanted = new HashMap<>();
        wanted.put("token", 2);
        wanted.put("position", 17);
        wanted.put("temperature", Float.floatToRawIntBits(0.5f));
        wanted.put("top_p", Float.floatToRawIntBits(0.75f));
        wanted.put("top_k", 40);
        wanted.put("min_p", Float.floatToRawIntBits(0.125f));
        wanted.put("seed_low", 0x55667788);
        wanted.put("seed_high", 0x11223344);
        wanted.put("presence_penalty", Float.floatToRawIntBits(0.25f));
        wanted.put("frequency_penalty", Float.floatToRawIntBits(-0.25f));
        wanted.put("repeat_penalty", Float.floatToRawIntBits(1.5f));
        wanted.put("top_logprobs", 7);
        wanted.put("place", 5);
        wanted.put("penalty_count", 2);
        wanted.put("bias_count", 1);
        assertFound(step, start, words, wanted);
    }

    private static void assertFound(
            StepInput step, int start, Map<String, Integer> words, Map<String, Integer> wanted) {
        assertThat(words).containsKeys(wanted.keySet().toArray(String[]::new));
        wanted.forEach((name, value) -> assertThat(step.word(start + words.getOrDefault(name, 0)))
                .as(name)
                .isEqualTo(value));
    }

    /// Tokens at the positions 14 to 16 of a sequence, with a sample all of whose words differ.
    private static StepInput sampled() {
        StepInputBuilder builder = new StepInputBuilder();
        builder.sequence(new int[17], 14, 3, new int[] {5, 6});
        builder.sample(
                1, 5, new SamplingParameters(0.5f, 0.75f, 40, 0.125f, 0x1122334455667788L, 0.25f, -0.25f, 1.5f, 7));
        builder.penalty(3, 4, true);
        builder.penalty(5, 6, false);
        builder.bias(8, 9);
        StepInput step = new StepInput(0);
        builder.build(1, 1, step);
        return step;
    }
}
