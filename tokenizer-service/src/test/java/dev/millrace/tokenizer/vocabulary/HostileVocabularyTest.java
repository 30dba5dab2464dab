package dev.millrace.tokenizer.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gguf.GgufException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileVocabularyTest {
    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TYPES = "tokenizer.ggml.token_type";
    private static final String MERGES = "tokenizer.ggml.merges";
    private static final String SCORES = "tokenizer.ggml.scores";

    @ParameterizedTest
    @ValueSource(strings = {"t5", "rwkv", "plamo2", "none", "no_vocab", "gemma4", "GPT2", ""})
    void refuses_kinds_of_tokenizer_that_it_does_not_know_by_name(String model) {
        refuses(bytePair().with("tokenizer.ggml.model", model), "'" + model + "'");
    }

    @Test
    void refuses_what_is_missing() {
        refuses(bytePair().without("tokenizer.ggml.model"), "tokenizer.ggml.model");
        refuses(bytePair().without(TOKENS), TOKENS);
        refuses(bytePair().without(MERGES), MERGES);
        refuses(sentencePiece().without(SCORES), SCORES);
    }

    @Test
    void refuses_what_is_of_the_wrong_type() {
        refuses(bytePair().with("tokenizer.ggml.model", 3), "tokenizer.ggml.model");
        refuses(bytePair().with(TOKENS, "abc"), TOKENS);
        refuses(bytePair().with(MERGES, new int[] {1}), MERGES);
        refuses(bytePair().with(TYPES, new float[256]), TYPES);
        refuses(sentencePiece().with(SCORES, "high"), SCORES);
        refuses(bytePair().with("tokenizer.ggml.eos_token_id", "end"), "eos_token_id");
    }

    @Test
    void refuses_arrays_that_do_not_fit_the_tokens() {
        refuses(bytePair().with(TYPES, new int[255]), TYPES);
        refuses(bytePair().with(TYPES, new int[300]), TYPES);
        refuses(sentencePiece().with(SCORES, new float[3]), SCORES);
        refuses(bytePair().with(TOKENS, List.of()), "empty");
    }

    @Test
    void refuses_types_that_do_not_exist() {
        int[] types = new int[257];
        types[7] = 7;
        refuses(bytePair().with(TYPES, types), "token 7");
        types[7] = -1;
        refuses(bytePair().with(TYPES, types), "token 7");
    }

    @Test
    void refuses_the_same_token_twice() {
        refuses(bytePair().withToken("a", TokenType.NORMAL), "'a' twice");
    }

    @Test
    void refuses_merges_of_what_is_no_token() {
        refuses(bytePair().with(MERGES, List.of("a b", "x yy")), "entry 1, 'x yy'");
        refuses(bytePair().with(MERGES, List.of("a c")), "entry 0");
        for (String merge : List.of("", " ", "a", "a ", "ab", "aa")) {
            refuses(bytePair().with(MERGES, List.of(merge)), "entry 0");
        }
        refuses(bytePair().with(MERGES, List.of("a\nb")), "'a\\u000ab'");
    }

    @Test
    void refuses_ids_beyond_the_vocabulary() {
        for (String role : List.of("bos", "eos", "eot", "eom", "unknown")) {
            String key = "tokenizer.ggml." + role + "_token_id";
            refuses(bytePair().with(key, 257), key);
            refuses(bytePair().with(key, -1), key);
        }
        String separator = "tokenizer.ggml.seperator_token_id";
        refuses(VocabularyFile.wordPiece("▁a").with(separator, 99), separator);
    }

    @Test
    void refuses_to_add_a_token_that_is_not_named() {
        refuses(bytePair().with("tokenizer.ggml.add_bos_token", true), "add_bos_token");
        refuses(bytePair().with("tokenizer.ggml.add_eos_token", true), "add_eos_token");
    }

    @Test
    void refuses_scores_that_are_not_numbers() {
        VocabularyFile file = sentencePiece();
        float[] scores = (float[]) file.get(SCORES);
        scores[259] = Float.NaN;
        refuses(file, "token 259");
    }

    @Test
    void orders_infinite_scores_like_any_others() {
        VocabularyFile file = VocabularyFile.sentencePiece("▁", "aa", "ab", "a", "b");
        float[] scores = (float[]) file.get(SCORES);
        scores[260] = Float.NEGATIVE_INFINITY;
        scores[261] = Float.POSITIVE_INFINITY;
        assertThat(file.tokenizer().encode("aab", false, false)).containsExactly(259, 262, 261);
    }

    @Test
    void refuses_byte_tokens_that_name_no_byte() {
        refuses(sentencePiece().withToken("<0xZZ>", TokenType.BYTE), "<0xZZ>");
    }

    @Test
    void refuses_a_vocabulary_that_cannot_express_every_text() {
        refuses(
                new VocabularyFile().with("tokenizer.ggml.model", "bert").with(TOKENS, List.of("▁a")),
                "unknown_token_id");
    }

    /// Real files have them, for ids that were never given out.
    @Test
    void never_makes_empty_tokens() {
        Tokenizer tokenizer = bytePair()
                .withToken("", TokenType.CONTROL)
                .withToken("", TokenType.USER_DEFINED)
                .tokenizer();
        assertThat(tokenizer.encode("", false, true)).isEmpty();
        assertThat(tokenizer.encode("ab", false, true)).containsExactly(256);
        assertThat(tokenizer.decode(new int[] {257, 256, 258})).isEqualTo("ab");
    }

    @Test
    void keeps_messages_short_and_on_one_line() {
        List<Object> tokens = new ArrayList<>((List<?>) bytePair().get(TOKENS));
        tokens.add("x\n".repeat(1_000));
        tokens.add("x\n".repeat(1_000));
        assertThatThrownBy(() -> bytePair().with(TOKENS, tokens).tokenizer())
                .isInstanceOf(VocabularyException.class)
                .message()
                .hasSizeLessThan(400)
                .hasLineCount(1);
    }

    @Test
    void refuses_or_survives_files_with_random_errors() {
        Random random = new Random(8);
        List<byte[]> files = List.of(
                VocabularyFile.bytePair("llama-bpe", "a b", "Ġ ab", "1 2")
                        .withToken("<|im_end|>", TokenType.CONTROL)
                        .bytes(),
                VocabularyFile.sentencePiece("▁", "a", "▁a", "é").bytes(),
                VocabularyFile.wordPiece("▁a", "b", "▁").bytes());
        int usable = 0;
        for (int round = 0; round < 1_000; round++) {
            byte[] file = files.get(round % files.size()).clone();
            for (int errors = random.nextInt(4); errors >= 0; errors--) {
                file[24 + random.nextInt(file.length - 24)] = (byte) random.nextInt(256);
            }
            if (isUsable(file)) {
                usable++;
            }
        }
        assertThat(usable).isBetween(1, 999);
    }

    private static boolean isUsable(byte[] file) {
        Tokenizer tokenizer;
        try {
            tokenizer = VocabularyFile.tokenizer(
                    file, warning -> assertThat(warning).hasLineCount(1));
        } catch (VocabularyException | GgufException e) {
            assertThat(e).message().hasLineCount(1);
            return false;
        }
        for (int id : tokenizer.encode("a ab 12é\n我<|im_end|>", true, true)) {
            assertThat(tokenizer.vocabulary().contains(id)).isTrue();
        }
        return true;
    }

    private static VocabularyFile bytePair() {
        return VocabularyFile.bytePair("gpt-2", "a b");
    }

    private static VocabularyFile sentencePiece() {
        return VocabularyFile.sentencePiece("▁");
    }

    private static void refuses(VocabularyFile file, String saying) {
        assertThatThrownBy(file::tokenizer)
                .isInstanceOfAny(VocabularyException.class, GgufException.class)
                .hasMessageContaining(saying);
    }
}
