package dev.millrace.tokenizer.vocabulary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenDecoderTest {
    /// Token 3 + b is the byte b.
    private final Tokenizer tokenizer = VocabularyFile.sentencePiece("▁hi", "▁").tokenizer();

    @Test
    void holds_half_a_character_back() {
        assertThat(push("🦙")).containsExactly("", "", "", "🦙", "");
        assertThat(push("aé€")).containsExactly("a", "", "é", "", "", "€", "");
    }

    @Test
    void replaces_what_is_not_utf_8_as_soon_as_it_is_certain() {
        assertThat(push(0xFF, 'a')).containsExactly("\uFFFD", "a", "");
        assertThat(push(0xE2, 'a')).containsExactly("", "\uFFFDa", "");
        assertThat(push(0xE2, 0x96, 0xE2, 0x96, 0x81)).containsExactly("", "", "\uFFFD", "", "▁", "");
        assertThat(push(0xED, 0xA0, 0x80)).containsExactly("", "", "\uFFFD", "");
        assertThat(push(0xC0, 0x80)).containsExactly("\uFFFD", "\uFFFD", "");
        assertThat(push(0xF4, 0x90)).containsExactly("", "\uFFFD\uFFFD", "");
        assertThat(push(0x80)).containsExactly("\uFFFD", "");
    }

    @Test
    void flushes_the_rest_of_a_character_that_never_came() {
        assertThat(push(0xF0, 0x9F, 0xA6)).containsExactly("", "", "", "\uFFFD");
    }

    @Test
    void agrees_with_a_decoder_of_the_whole_on_random_bytes() {
        Random random = new Random(4);
        int[] telling = {
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1,
            0xF4, 0xF5, 0xFF
        };
        for (int round = 0; round < 20_000; round++) {
            int[] values = random.ints(random.nextInt(12), 0, telling.length)
                    .map(index -> telling[index])
                    .toArray();
            byte[] bytes = new byte[values.length];
            for (int index = 0; index < values.length; index++) {
                bytes[index] = (byte) values[index];
            }
            assertThat(String.join("", push(values))).isEqualTo(new String(bytes, UTF_8));
        }
    }

    @Test
    void keeps_the_space_at_the_beginning_of_an_answer() {
        int hi = 259;
        TokenDecoder decoder = tokenizer.decoder();
        assertThat(decoder.push(hi)).isEqualTo(" hi");
        assertThat(tokenizer.decode(new int[] {hi, hi})).isEqualTo("hi hi");
        assertThat(tokenizer.decode(new int[] {1, hi})).isEqualTo("hi");
    }

    @Test
    void passes_over_control_tokens_within_a_character() {
        TokenDecoder decoder = tokenizer.decoder();
        assertThat(decoder.push(3 + 0xC3) + decoder.push(2) + decoder.push(3 + 0xA9))
                .isEqualTo("é");
    }

    @Test
    void refuses_ids_beyond_the_vocabulary() {
        TokenDecoder decoder = tokenizer.decoder();
        assertThatThrownBy(() -> decoder.push(261)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> decoder.push(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tokenizer.decode(new int[] {261})).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private List<String> push(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        int[] values = new int[bytes.length];
        for (int index = 0; index < bytes.length; index++) {
            values[index] = bytes[index] & 0xFF;
        }
        return push(values);
    }

    /// What each byte brings, and the end.
    private List<String> push(int... bytes) {
        TokenDecoder decoder = tokenizer.decoder();
        List<String> texts = new ArrayList<>();
        for (int value : bytes) {
            texts.add(decoder.push(3 + value));
        }
        texts.add(decoder.finish());
        return texts;
    }
}
