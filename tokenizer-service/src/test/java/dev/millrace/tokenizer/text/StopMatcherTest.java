package dev.millrace.tokenizer.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    @Test
    void text_without_a_stop_string_passes_at_once() {
        StopMatcher matcher = new StopMatcher(List.of("END"));

        assertThat(matcher.add("hello")).isEqualTo("hello");
        assertThat(matcher.stopped()).isFalse();
    }

    @Test
    void a_beginning_is_held_back_and_released_when_it_leads_to_nothing() {
        StopMatcher matcher = new StopMatcher(List.of("END"));

        assertThat(matcher.add("the E")).isEqualTo("the ");
        assertThat(matcher.add("N")).isEmpty();
        assertThat(matcher.add("ough")).isEqualTo("ENough");
        assertThat(matcher.stopped()).isFalse();
    }

    @Test
    void a_stop_string_over_several_pieces_cuts_before_it() {
        StopMatcher matcher = new StopMatcher(List.of("END"));

        assertThat(matcher.add("the E") + matcher.add("N") + matcher.add("D of it"))
                .isEqualTo("the ");
        assertThat(matcher.stopped()).isTrue();
        assertThat(matcher.add("more")).isEmpty();
        assertThat(matcher.finish()).isEmpty();
    }

    @Test
    void what_is_held_back_is_text_when_the_text_ends() {
        StopMatcher matcher = new StopMatcher(List.of("END"));
        matcher.add("the EN");

        assertThat(matcher.finish()).isEqualTo("EN");
        assertThat(matcher.stopped()).isFalse();
    }

    @Test
    void an_earlier_beginning_is_waited_for_before_a_later_stop_string_counts() {
        StopMatcher completed = new StopMatcher(List.of("abcd", "bc"));
        assertThat(completed.add("xabc")).isEqualTo("x");
        assertThat(completed.stopped()).isFalse();
        assertThat(completed.add("d")).isEmpty();
        assertThat(completed.position()).isEqualTo(1);

        StopMatcher broken = new StopMatcher(List.of("abcd", "bc"));
        assertThat(broken.add("xabc") + broken.add("e")).isEqualTo("xa");
        assertThat(broken.position()).isEqualTo(2);

        StopMatcher ended = new StopMatcher(List.of("abcd", "bc"));
        assertThat(ended.add("xabc") + ended.finish()).isEqualTo("xa");
        assertThat(ended.stopped()).isTrue();
    }

    @Test
    void streamed_text_equals_the_whole_text_cut_at_the_first_stop_string_however_it_is_split() {
        Random random = new Random(7);
        for (int run = 0; run < 20_000; run++) {
            String text = letters(random, random.nextInt(40));
            List<String> stops = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                stops.add(letters(random, 1 + random.nextInt(6)));
            }
            StopMatcher matcher = new StopMatcher(stops);
            StringBuilder streamed = new StringBuilder();
            for (int at = 0; at < text.length(); ) {
                int next = Math.min(text.length(), at + random.nextInt(5));
                streamed.append(matcher.add(text.substring(at, next)));
                assertThat(cut(text, stops)).as("never more than the cut text").startsWith(streamed);
                at = next;
            }
            streamed.append(matcher.finish());

            assertThat(streamed).as("%s in %s", stops, text).hasToString(cut(text, stops));
            assertThat(matcher.stopped()).isEqualTo(!cut(text, stops).equals(text));
        }
    }

    @Test
    void a_long_stop_string_that_almost_appears_all_the_time_costs_no_more_than_a_short_one() {
        StopMatcher matcher = new StopMatcher(List.of("a".repeat(50_000) + "b"));
        StringBuilder streamed = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            streamed.append(matcher.add("a".repeat(10_000)));
        }
        streamed.append(matcher.finish());

        assertThat(streamed).hasSize(1_000_000);
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }

    private static String cut(String text, List<String> stops) {
        return text.substring(
                0,
                stops.stream()
                        .mapToInt(text::indexOf)
                        .filter(at -> at >= 0)
                        .min()
                        .orElse(text.length()));
    }
}
