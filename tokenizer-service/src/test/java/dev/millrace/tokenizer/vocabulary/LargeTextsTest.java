package dev.millrace.tokenizer.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A megabyte of what hurts tokenizers whose time grows with the square of the length: each takes a moment here, hours
/// there. The limit only tells the two apart.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LargeTextsTest {
    private static final int SIZE = 1 << 20;

    static Stream<Tokenizer> tokenizers() {
        String[] merges = {"a a", "aa aa", "aaaa aaaa", "Ġ Ġ", "ĠĠ ĠĠ", "Ċ Ċ", "1 1", "a b", "b a"};
        return Stream.of(
                SharedData.demoTokenizer(),
                VocabularyFile.bytePair("llama-bpe", merges).tokenizer(),
                VocabularyFile.bytePair("deepseek-llm", merges).tokenizer(),
                VocabularyFile.bytePair("deepseek-v3", merges).tokenizer(),
                VocabularyFile.bytePair("starcoder", merges).tokenizer(),
                VocabularyFile.bytePair("falcon", merges).tokenizer(),
                VocabularyFile.bytePair("gpt-4o", merges).tokenizer(),
                VocabularyFile.sentencePiece("▁", "a", "▁▁", "aa", "aaaa", "aaaaaaaa", "ab", "ba")
                        .tokenizer(),
                VocabularyFile.wordPiece("▁", "▁a", "a", "aa", "1", "b").tokenizer());
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void encodes_a_megabyte_of_anything(Tokenizer tokenizer) {
        boolean keepsText = tokenizer.vocabulary().separatorTokenId().isEmpty();
        for (String text : texts()) {
            int[] ids = tokenizer.encode(text, false, true);
            if (keepsText) {
                boolean same = tokenizer.decode(ids).equals(text);
                assertThat(same)
                        .as("text from %s comes back", text.substring(0, 4))
                        .isTrue();
            }
        }
    }

    private static List<String> texts() {
        Random random = new Random(5);
        char[] letters = new char[SIZE];
        char[] hangul = new char[SIZE / 3];
        for (int index = 0; index < letters.length; index++) {
            letters[index] = (char) ('a' + random.nextInt(26));
        }
        for (int index = 0; index < hangul.length; index++) {
            hangul[index] = (char) (0xAC00 + random.nextInt(11_000));
        }
        return List.of(
                "a".repeat(SIZE),
                "ab".repeat(SIZE / 2),
                " ".repeat(SIZE),
                " ".repeat(SIZE - 1) + "1",
                " \n".repeat(SIZE / 2),
                "\n".repeat(SIZE),
                "1".repeat(SIZE),
                "!".repeat(SIZE),
                "'".repeat(SIZE),
                "<|im_start|".repeat(SIZE / 11),
                "éA".repeat(SIZE / 3),
                "éAAAAAAAAAAA".repeat(SIZE / 13),
                "\u0301".repeat(SIZE / 2),
                new String(letters),
                new String(hangul));
    }
}
