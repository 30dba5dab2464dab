package dev.millrace.tokenizer.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.tokenizer.support.ByteTextModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamedTextTest {
    private static StreamedText text(String... stops) {
        return new StreamedText(new ByteTextModel().decoder(), List.of(stops));
    }

    @Test
    void a_token_is_certain_with_its_text() {
        StreamedText text = text();

        assertThat(text.add('h')).isEqualTo(new StreamedText.Progress("h", 1, false));
        assertThat(text.finish()).isEqualTo(new StreamedText.Progress("", 0, false));
    }

    @Test
    void tokens_that_share_a_character_become_certain_with_it() {
        StreamedText text = text();

        assertThat(text.add(0xc3)).isEqualTo(new StreamedText.Progress("", 0, false));
        assertThat(text.add(0xa4)).isEqualTo(new StreamedText.Progress("ä", 2, false));
    }

    @Test
    void half_a_character_at_the_end_is_shown_as_a_replacement_character() {
        StreamedText text = text();
        text.add(0xc3);

        assertThat(text.finish()).isEqualTo(new StreamedText.Progress("\uFFFD", 1, false));
    }

    @Test
    void tokens_of_held_back_text_wait_with_it() {
        StreamedText text = text("abc");
        assertThat(text.add('x').tokens()).isEqualTo(1);
        assertThat(text.add('a').tokens()).isZero();
        assertThat(text.add('b').tokens()).isZero();

        assertThat(text.add('a')).isEqualTo(new StreamedText.Progress("ab", 2, false));
        assertThat(text.finish()).isEqualTo(new StreamedText.Progress("a", 1, false));
    }

    @Test
    void tokens_of_the_stop_string_are_never_certain() {
        StreamedText text = text("abc");
        text.add('x');
        text.add('a');
        text.add('b');

        assertThat(text.add('c')).isEqualTo(new StreamedText.Progress("", 0, true));
        assertThat(text.add('d')).isEqualTo(new StreamedText.Progress("", 0, true));
        assertThat(text.finish()).isEqualTo(new StreamedText.Progress("", 0, true));
    }

    @Test
    void a_token_that_begins_before_the_stop_string_is_certain() {
        StreamedText text = new StreamedText(
                new TokenDecoder() {
                    @Override
                    public String add(int tokenId) {
                        return "say END";
                    }

                    @Override
                    public boolean pending() {
                        return false;
                    }

                    @Override
                    public String finish() {
                        return "";
                    }
                },
                List.of("END"));

        assertThat(text.add(1)).isEqualTo(new StreamedText.Progress("say ", 1, true));
    }

    @Test
    void a_token_without_text_is_certain_at_once_unless_earlier_text_is_held_back() {
        StreamedText text = text("ab");
        assertThat(text.add(ByteTextModel.BEGIN).tokens()).isEqualTo(1);
        text.add('a');
        assertThat(text.add(ByteTextModel.BEGIN).tokens()).isZero();

        assertThat(text.add('x')).isEqualTo(new StreamedText.Progress("ax", 3, false));
    }
}
