package dev.millrace.tokenizer.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SentencePieceEncoderTest {
    private static final int FIRST = 259;

    @Test
    void merges_the_highest_score_first_and_the_leftmost_among_equals() {
        Tokenizer tokenizer = VocabularyFile.sentencePiece("bc", "ab", "abc", "a", "b", "c", "▁")
                .tokenizer();
        assertThat(tokenizer.encode("abc", false, false)).containsExactly(FIRST + 6, FIRST + 2);
        assertThat(tokenizer.encode("aab", false, false)).containsExactly(FIRST + 6, FIRST + 3, FIRST + 1);
        VocabularyFile equal = VocabularyFile.sentencePiece("aa", "a", "▁");
        assertThat(equal.tokenizer().encode("aaa", false, false)).containsExactly(FIRST + 2, FIRST, FIRST + 1);
    }

    @Test
    void merges_characters_that_are_no_tokens_themselves() {
        Tokenizer tokenizer = VocabularyFile.sentencePiece("▁", "éü").tokenizer();
        assertThat(tokenizer.encode("éü", false, false)).containsExactly(FIRST, FIRST + 1);
    }

    @Test
    void falls_back_to_bytes() {
        Tokenizer tokenizer = VocabularyFile.sentencePiece("▁").tokenizer();
        assertThat(tokenizer.encode("é", false, false)).containsExactly(FIRST, 3 + 0xC3, 3 + 0xA9);
    }

    @Test
    void puts_a_space_before_a_text_and_after_each_special_token() {
        Tokenizer tokenizer = VocabularyFile.sentencePiece("▁a", "▁", "a").tokenizer();
        assertThat(tokenizer.encode("a", true, true)).containsExactly(1, FIRST);
        assertThat(tokenizer.encode("a</s>a", true, true)).containsExactly(1, FIRST, 2, FIRST);
        assertThat(tokenizer.encode("a</s> a", true, true)).containsExactly(1, FIRST, 2, FIRST + 1, FIRST);
        assertThat(tokenizer.encode("", true, true)).containsExactly(1);
        assertThat(tokenizer.encode("", false, true)).isEmpty();
    }

    @Test
    void puts_no_space_where_the_file_says_so() {
        Tokenizer tokenizer = VocabularyFile.sentencePiece("▁", "a")
                .with("tokenizer.ggml.add_space_prefix", false)
                .tokenizer();
        assertThat(tokenizer.encode("a </s>a", false, true)).containsExactly(FIRST + 1, FIRST, 2, FIRST + 1);
        assertThat(tokenizer.decode(tokenizer.encode(" a", false, false))).isEqualTo(" a");
    }

    @Test
    void knows_its_roles_without_being_told() {
        Vocabulary vocabulary = VocabularyFile.sentencePiece("▁").tokenizer().vocabulary();
        assertThat(vocabulary.bosTokenId()).hasValue(1);
        assertThat(vocabulary.eosTokenId()).hasValue(2);
        assertThat(vocabulary.unknownTokenId()).hasValue(0);
        assertThat(vocabulary.addsBos()).isTrue();
        assertThat(vocabulary.addsEos()).isFalse();
        assertThat(vocabulary.endTokenIds()).containsExactly(2);
    }

    @Test
    void never_makes_control_or_byte_tokens_from_text() {
        Tokenizer tokenizer = VocabularyFile.sentencePiece(
                        "▁", "<", "/", "s", ">", "</", "s>", "0", "<0", "x0", "A>", "<0x0", "x", "A")
                .tokenizer();
        assertThat(tokenizer.encode("</s>", false, false)).doesNotContain(2);
        assertThat(tokenizer.encode("</s>", false, true)).containsExactly(2);
        assertThat(tokenizer.encode("<0x0A>", false, true)).doesNotContain(3 + 10);
    }

    @Test
    void takes_white_space_after_the_marks_of_phi_3_along() {
        VocabularyFile file = VocabularyFile.sentencePiece("▁", "a", "b")
                .withToken("<|user|>", TokenType.CONTROL)
                .with("tokenizer.ggml.add_space_prefix", false);
        List<TextSegment> prompt = List.of(TextSegment.trusted("<|user|>\n a"));
        assertThat(file.tokenizer().encode(prompt, false)).containsExactly(FIRST + 3, 3 + '\n', FIRST, FIRST + 1);
        file.with("general.name", "Phi-3 mini");
        assertThat(file.tokenizer().encode(prompt, false)).containsExactly(FIRST + 3, FIRST + 1);
    }

    @Test
    void uses_the_unknown_token_where_there_are_no_byte_tokens() {
        Tokenizer tokenizer = new VocabularyFile()
                .with("tokenizer.ggml.model", "llama")
                .with("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>", "▁", "a"))
                .with("tokenizer.ggml.scores", new float[5])
                .with("tokenizer.ggml.token_type", new int[] {2, 3, 3, 1, 1})
                .tokenizer();
        assertThat(tokenizer.encode("ab", false, false)).containsExactly(3, 4, 0);
        assertThat(tokenizer.decode(new int[] {4, 0, 4})).isEqualTo("aa");
    }
}
