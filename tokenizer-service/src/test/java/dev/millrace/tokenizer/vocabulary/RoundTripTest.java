package dev.millrace.tokenizer.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is encoded comes back, and how a prompt is divided does not matter.
class RoundTripTest {
    static Stream<Tokenizer> ownTokenizers() {
        String[] merges = {"a b", "Ġ t", "h e", "Ġt he", "Ġ Ġ", "ĠĠ ĠĠ", "0 1", "Ċ Ċ"};
        return Stream.of(
                SharedData.demoTokenizer(),
                VocabularyFile.bytePair("llama-bpe", merges).tokenizer(),
                VocabularyFile.bytePair("deepseek-llm", merges).tokenizer(),
                VocabularyFile.bytePair("deepseek-v3", merges).tokenizer(),
                VocabularyFile.bytePair("default", merges).tokenizer(),
                VocabularyFile.bytePair("gpt-4o", merges).tokenizer(),
                VocabularyFile.sentencePiece("▁", "▁t", "he", "▁the", "▁▁", "é", "我")
                        .tokenizer());
    }

    @ParameterizedTest
    @MethodSource("ownTokenizers")
    void gives_random_text_back(Tokenizer tokenizer) {
        gives_random_text_back(tokenizer, 2_000);
    }

    @ParameterizedTest
    @MethodSource("ownTokenizers")
    void decodes_token_by_token_as_in_one_go(Tokenizer tokenizer) {
        Random random = new Random(2);
        for (int round = 0; round < 2_000; round++) {
            int[] ids = random.ints(
                            random.nextInt(30), 0, tokenizer.vocabulary().size())
                    .toArray();
            StringBuilder text = new StringBuilder();
            TokenDecoder decoder = tokenizer.decoder();
            for (int id : ids) {
                text.append(decoder.push(id));
            }
            text.append(decoder.finish());
            assertThat(text.toString()).isIn(tokenizer.decode(ids), " " + tokenizer.decode(ids));
        }
    }

    @ParameterizedTest
    @MethodSource("ownTokenizers")
    void encodes_a_text_in_segments_as_in_one_piece(Tokenizer tokenizer) {
        Random random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            String text = RandomTexts.text(random).replace("<", "");
            List<TextSegment> segments = new ArrayList<>();
            int start = 0;
            while (start < text.length()) {
                int end = start + 1 + random.nextInt(text.length() - start);
                segments.add(new TextSegment(text.substring(start, end), random.nextBoolean()));
                start = end;
            }
            assertThat(tokenizer.encode(segments, true)).isEqualTo(tokenizer.encode(text, true, true));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-bpe", "qwen2", "gpt-2", "starcoder", "deepseek-llm", "llama-spm", "phi-3"})
    void gives_random_text_back_with_real_vocabularies(String name) {
        gives_random_text_back(SharedData.vocabulary(name), 1_000);
    }

    /// Planes without characters, whose UTF-8 begins with a byte for which starcoder has no token.
    private static String withoutEmptyPlanes(String text) {
        return text.replaceAll("[\\x{40000}-\\x{7FFFF}]", "");
    }

    private static void gives_random_text_back(Tokenizer tokenizer, int rounds) {
        Random random = new Random(1);
        for (int round = 0; round < rounds; round++) {
            String text = withoutEmptyPlanes(RandomTexts.text(random));
            assertThat(tokenizer.decode(tokenizer.encode(text, false, false))).isEqualTo(text);
        }
    }
}
