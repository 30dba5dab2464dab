package dev.millrace.tokenizer.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordPieceEncoderTest {
    private static final String[] PIECES = {
        "▁un", "▁unaff", "able", "aff", "▁", "▁a", "▁,", "▁中", "▁ᄒ", "▁e", "e", "▁E", "▁é"
    };

    private final Tokenizer tokenizer = VocabularyFile.wordPiece(PIECES).tokenizer();

    @Test
    void cuts_words_into_the_longest_tokens() {
        assertThat(texts("unaffable")).containsExactly("▁unaff", "able");
        assertThat(texts("unable a")).containsExactly("▁un", "able", "▁a");
    }

    @Test
    void makes_a_word_unknown_that_cannot_be_cut() {
        assertThat(texts("unable unknowable a")).containsExactly("▁un", "able", "[UNK]", "▁a");
    }

    @Test
    void sets_punctuation_and_chinese_characters_apart() {
        assertThat(texts("a,a中a")).containsExactly("▁a", "▁,", "▁a", "▁中", "▁a");
    }

    @Test
    void ignores_case_accents_and_control_characters() {
        assertThat(texts("\u0000U\u00ADN \u200BÉE e\u0301\tÀ")).containsExactly("▁un", "▁e", "e", "▁e", "▁a");
        assertThat(texts(" \n ")).isEmpty();
    }

    @Test
    void keeps_of_a_decomposition_only_the_first_character() {
        assertThat(texts("한")).containsExactly("▁ᄒ");
    }

    @Test
    void keeps_case_and_accents_where_the_file_says_so() {
        VocabularyFile file = VocabularyFile.wordPiece(PIECES).with("tokenizer.ggml.normalizer.lowercase", false);
        assertThat(texts(file.tokenizer(), "E é")).containsExactly("▁E", "▁é");
        file.with("tokenizer.ggml.normalizer.strip_accents", true);
        assertThat(texts(file.tokenizer(), "E é")).containsExactly("▁E", "▁e");
    }

    @Test
    void does_not_make_control_tokens_from_text() {
        assertThat(tokenizer.encode("[SEP]", false, false)).doesNotContain(1);
        assertThat(tokenizer.encode("a[SEP]", false, true)).endsWith(1);
    }

    @Test
    void puts_a_text_between_classification_and_separator() {
        assertThat(tokenizer.encode("a", true, false)).startsWith(0).endsWith(1).hasSize(3);
        assertThat(tokenizer.vocabulary().addsBos()).isTrue();
        assertThat(tokenizer.vocabulary().addsSeparator()).isTrue();
        assertThat(tokenizer.vocabulary().addsEos()).isFalse();
    }

    @Test
    void shows_words_with_the_spaces_between_them() {
        assertThat(tokenizer.decode(tokenizer.encode("unaffable a", true, false)))
                .isEqualTo(" unaffable a");
    }

    private List<String> texts(String text) {
        return texts(tokenizer, text);
    }

    private static List<String> texts(Tokenizer tokenizer, String text) {
        List<String> texts = new ArrayList<>();
        for (int id : tokenizer.encode(text, false, false)) {
            texts.add(tokenizer.vocabulary().text(id));
        }
        return texts;
    }
}
