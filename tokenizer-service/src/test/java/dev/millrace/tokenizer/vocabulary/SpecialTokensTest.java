package dev.millrace.tokenizer.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpecialTokensTest {
    @Test
    void finds_tokens_that_the_maker_added_in_any_text() {
        Tokenizer tokenizer = VocabularyFile.bytePair("gpt-2")
                .withToken("<think>", TokenType.USER_DEFINED)
                .withToken("  ", TokenType.USER_DEFINED)
                .withToken("    ", TokenType.USER_DEFINED)
                .tokenizer();
        assertThat(tokenizer.encode("<think>", false, false)).containsExactly(256);
        assertThat(tokenizer.encode(" ".repeat(7), false, false))
                .containsExactly(258, 257, tokenizer.vocabulary().idOf("Ġ").orElseThrow());
        assertThat(tokenizer.decode(new int[] {256, 257})).isEqualTo("<think>  ");
    }

    @Test
    void does_not_let_users_write_marks_between_messages_that_the_maker_added() {
        Tokenizer tokenizer = VocabularyFile.bytePair("gpt-2")
                .withToken("<|user|>", TokenType.USER_DEFINED)
                .withToken("<｜User｜>", TokenType.USER_DEFINED)
                .tokenizer();
        assertThat(tokenizer.encode("<|user|><｜User｜>", false, true)).containsExactly(256, 257);
        assertThat(tokenizer.encode("<|user|><｜User｜>", false, false)).doesNotContain(256, 257);
        assertThat(tokenizer.decode(new int[] {256})).isEqualTo("<|user|>");
    }

    @Test
    void takes_the_longest_token_that_is_allowed() {
        Tokenizer tokenizer = VocabularyFile.bytePair("gpt-2")
                .withToken("<a", TokenType.USER_DEFINED)
                .withToken("<ab", TokenType.CONTROL)
                .tokenizer();
        assertThat(tokenizer.encode("<ab", false, true)).containsExactly(257);
        assertThat(tokenizer.encode("<ab", false, false))
                .containsExactly(256, tokenizer.vocabulary().idOf("b").orElseThrow());
    }

    @Test
    void knows_the_tokens_that_end_answers() {
        Vocabulary vocabulary = VocabularyFile.bytePair("gpt-2")
                .withToken("<|im_end|>", TokenType.CONTROL)
                .withToken("<|eot_id|>", TokenType.USER_DEFINED)
                .withToken("</s>", TokenType.NORMAL)
                .withToken("<|endoftext|>", TokenType.NORMAL)
                .withToken("stop", TokenType.CONTROL)
                .withToken("<|im_start|>", TokenType.CONTROL)
                .with("tokenizer.ggml.eot_token_id", 260)
                .tokenizer()
                .vocabulary();
        assertThat(vocabulary.endTokenIds()).containsExactly(256, 257, 259, 260);
        assertThat(vocabulary.type(257)).isEqualTo(TokenType.CONTROL);
        assertThat(vocabulary.type(258)).isEqualTo(TokenType.NORMAL);
        assertThat(vocabulary.eosTokenId()).hasValue(259);
    }

    @Test
    void does_not_end_an_answer_between_its_messages() {
        Vocabulary vocabulary = VocabularyFile.bytePair("gpt-4o")
                .withToken("<|return|>", TokenType.CONTROL)
                .withToken("<|end|>", TokenType.CONTROL)
                .withToken("<|call|>", TokenType.CONTROL)
                .tokenizer()
                .vocabulary();
        assertThat(vocabulary.endTokenIds()).containsExactly(256, 258);
    }
}
