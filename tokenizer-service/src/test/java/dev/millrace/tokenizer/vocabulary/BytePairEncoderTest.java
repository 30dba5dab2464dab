package dev.millrace.tokenizer.vocabulary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BytePairEncoderTest {
    @Test
    void merges_the_lowest_rank_first_and_the_leftmost_among_equals() {
        Tokenizer tokenizer =
                VocabularyFile.bytePair("gpt-2", "b c", "a b", "a bc").tokenizer();
        assertThat(texts(tokenizer, "abc")).containsExactly("abc");
        assertThat(texts(tokenizer, "abab")).containsExactly("ab", "ab");
        Tokenizer pairs = VocabularyFile.bytePair("gpt-2", "a a").tokenizer();
        assertThat(texts(pairs, "aaa")).containsExactly("aa", "a");
    }

    /// The definition, applied without any cleverness, against the lists and heaps.
    @Test
    void merges_short_and_long_pieces_as_the_definition_says() {
        Random random = new Random(6);
        for (int vocabulary = 0; vocabulary < 30; vocabulary++) {
            List<String> merges = randomMerges(random);
            Tokenizer tokenizer = VocabularyFile.bytePair("gpt-2", merges.toArray(String[]::new))
                    .tokenizer();
            for (int round = 0; round < 60; round++) {
                StringBuilder word = new StringBuilder();
                for (int length = 1 + random.nextInt(80); length > 0; length--) {
                    word.append((char) ('a' + random.nextInt(3)));
                }
                assertThat(texts(tokenizer, word.toString())).isEqualTo(merged(word.toString(), merges));
            }
        }
    }

    @Test
    void keeps_words_that_are_tokens_whole_only_where_the_pre_tokenizer_says_so() {
        assertThat(texts(unreachable("llama-bpe"), "abc abc")).containsExactly("abc", "Ġ", "ab", "c");
        assertThat(texts(unreachable("gpt-2"), "abc")).containsExactly("ab", "c");
    }

    @Test
    void adds_what_begins_and_ends_a_text_when_asked() {
        VocabularyFile file = VocabularyFile.bytePair("gpt-2")
                .withToken("<bos>", TokenType.CONTROL)
                .withToken("<end>", TokenType.CONTROL)
                .with("tokenizer.ggml.bos_token_id", 256)
                .with("tokenizer.ggml.eos_token_id", 257);
        assertThat(file.tokenizer().encode("!", true, false)).containsExactly(0x21);
        file.with("tokenizer.ggml.add_bos_token", true).with("tokenizer.ggml.add_eos_token", true);
        assertThat(file.tokenizer().encode("!", true, false)).containsExactly(256, 0x21, 257);
        assertThat(file.tokenizer().encode("", true, false)).containsExactly(256, 257);
        assertThat(file.tokenizer().encode("!", false, false)).containsExactly(0x21);
        file.with("tokenizer.ggml.pre", "llama-bpe").without("tokenizer.ggml.add_bos_token");
        assertThat(file.tokenizer().vocabulary().addsBos()).isTrue();
    }

    @Test
    void leaves_out_bytes_that_have_no_token() {
        VocabularyFile file = new VocabularyFile()
                .with("tokenizer.ggml.model", "gpt2")
                .with("tokenizer.ggml.pre", "gpt-2")
                .with("tokenizer.ggml.tokens", List.of("a", "b", "ab", "<|endoftext|>"))
                .with("tokenizer.ggml.merges", List.of("a b"))
                .with("tokenizer.ggml.unknown_token_id", 3);
        assertThat(file.tokenizer().encode("axab", false, true)).containsExactly(0, 2);
    }

    @Test
    void takes_a_control_token_apart_that_ordinary_merges_make() {
        VocabularyFile file = VocabularyFile.bytePair("gpt-2", "a b", "ab c");
        List<Integer> types = new ArrayList<>();
        for (int id = 0; id < 258; id++) {
            types.add(id == 257 ? 3 : 1);
        }
        Tokenizer tokenizer = file.withTypes(types).tokenizer();
        assertThat(tokenizer.encode("abc", false, true)).containsExactly(257);
        assertThat(tokenizer.encode("abc", false, false)).containsExactly('a', 'b', 'c');
    }

    @Test
    void replaces_unpaired_surrogates() {
        Tokenizer tokenizer = SharedData.demoTokenizer();
        assertThat(tokenizer.decode(tokenizer.encode("a\uD800b\uDC00\uD83E", false, false)))
                .isEqualTo("a\uFFFDb\uFFFD\uFFFD");
        assertThat(tokenizer.encode(List.of(TextSegment.trusted("\uD83E"), TextSegment.untrusted("\uDD99")), false))
                .isEqualTo(tokenizer.encode("🦙", false, false));
    }

    @Test
    void warns_when_it_does_not_know_how_text_is_cut() {
        List<String> warnings = new ArrayList<>();
        Tokenizer unknown = VocabularyFile.bytePair("gpt-9\n").tokenizer(warnings::add);
        assertThat(warnings).hasSize(1);
        assertThat(warnings.getFirst()).contains("'gpt-9\\u000a'").contains("default");
        Tokenizer missing =
                VocabularyFile.bytePair("").without("tokenizer.ggml.pre").tokenizer(warnings::add);
        assertThat(warnings).hasSize(2);
        assertThat(unknown.encode("a 12345 b!", false, false)).isEqualTo(missing.encode("a 12345 b!", false, false));
    }

    /// `abc` is a token that no merge makes.
    private static Tokenizer unreachable(String preTokenizer) {
        return VocabularyFile.bytePair(preTokenizer, "a b")
                .withToken("abc", TokenType.NORMAL)
                .with("tokenizer.ggml.add_bos_token", false)
                .tokenizer();
    }

    private static List<String> randomMerges(Random random) {
        List<String> symbols = new ArrayList<>(List.of("a", "b", "c"));
        Set<String> merges = new LinkedHashSet<>();
        Set<String> results = new LinkedHashSet<>();
        while (merges.size() < 20) {
            String left = symbols.get(random.nextInt(symbols.size()));
            String right = symbols.get(random.nextInt(symbols.size()));
            if (results.add(left + right)) {
                merges.add(left + " " + right);
                symbols.add(left + right);
            }
        }
        return List.copyOf(merges);
    }

    private static List<String> merged(String word, List<String> merges) {
        Map<String, Integer> ranks = new HashMap<>();
        merges.forEach(merge -> ranks.put(merge, ranks.size()));
        List<String> symbols = new ArrayList<>(List.of(word.split("")));
        while (true) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int index = 0; index + 1 < symbols.size(); index++) {
                int rank = ranks.getOrDefault(symbols.get(index) + " " + symbols.get(index + 1), Integer.MAX_VALUE);
                if (rank < bestRank) {
                    best = index;
                    bestRank = rank;
                }
            }
            if (best < 0) {
                return symbols;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }

    private static List<String> texts(Tokenizer tokenizer, String text) {
        List<String> texts = new ArrayList<>();
        for (int id : tokenizer.encode(text, false, false)) {
            texts.add(tokenizer.vocabulary().text(id));
        }
        assertThat(tokenizer.decode(tokenizer.encode(text, false, false)).getBytes(UTF_8))
                .isEqualTo(text.getBytes(UTF_8));
        return texts;
    }
}
