package dev.millrace.tokenizer.vocabulary.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The scanners against the regular expressions that they stand for.
class PreTokenizerTest {
    private static final String CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String GPT =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String CAPITALS_SMALL =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^a-z]]*[\\p{L}&&[^A-Z]]+C?|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^a-z]]+[\\p{L}&&[^A-Z]]*C?";
    private static final String UNSPACED = "[\\x{4e00}-\\x{9fa5}\\x{800}-\\x{4e00}\\x{ac00}-\\x{d7ff}&&[^\\s]]+";

    /// Characters at which rules differ, often enough to meet.
    private static final String ALPHABET =
            "  \t\n\r\u000B\u0085\u00A0\u1680\u2028\u3000''''sStTreRElLdDmMvVeEabcXYZéÉßǅʰ"
                    + "АбжΩ\u1FBEשع字かカ한0123456789٣²Ⅷ½.,!?-_/\\()[]{}<>|~^`$+=\"#%&*@:;£€©…、。「～！\u0301\u0308\u0903्😀🦙\uFE0F\u200D"
                    + "\u0000\u0001\u001C\u007F\u00AD\uE000\u0378";

    record Rule(String name, List<Pattern> patterns) {
        static Rule of(String name, String... patterns) {
            List<Pattern> compiled = new ArrayList<>();
            for (String pattern : patterns) {
                compiled.add(Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS));
            }
            return new Rule(name, compiled);
        }
    }

    static List<Rule> rules() {
        return List.of(
                Rule.of("gpt-2", GPT),
                Rule.of("llama-bpe", prefixed("\\p{L}", "{1,3}")),
                Rule.of("qwen2", prefixed("\\p{L}", "")),
                Rule.of("qwen35", prefixed("\\p{L}\\p{M}", "")),
                Rule.of("starcoder", "\\p{N}", GPT),
                Rule.of(
                        "tekken",
                        CAPITALS_SMALL.replace("C?", "") + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" + SPACES),
                Rule.of(
                        "gpt-4o",
                        CAPITALS_SMALL.replace("C?", CONTRACTION + "?")
                                + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|"
                                + SPACES),
                Rule.of("falcon", "[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT, "[0-9][0-9][0-9]"),
                Rule.of("default", "[\\p{P}\\$\\+<=>\\^~\\|]+", GPT, "\\p{N}+", "[0-9][0-9][0-9]"),
                Rule.of("deepseek-coder", "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", UNSPACED, "\\p{N}"),
                Rule.of(
                        "deepseek-v3",
                        "\\p{N}{1,3}",
                        "[\\x{4e00}-\\x{9fa5}\\x{3040}-\\x{309f}\\x{30a0}-\\x{30ff}]+",
                        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|"
                                + " ?[\\p{P}\\p{S}]+[\\r\\n]*|"
                                + SPACES));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void cuts_as_the_regular_expressions_do(Rule rule) {
        PreTokenizer preTokenizer = PreTokenizer.named(rule.name()).orElseThrow();
        int[] alphabet = ALPHABET.codePoints().toArray();
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            // A few characters at a time, so that runs come up.
            int[] few = random.ints(1 + random.nextInt(6), 0, alphabet.length)
                    .map(index -> alphabet[index])
                    .toArray();
            for (int length = random.nextInt(24); length > 0; length--) {
                text.appendCodePoint(few[random.nextInt(few.length)]);
            }
            assertThat(pieces(preTokenizer, text.toString()))
                    .as("%s", text)
                    .isEqualTo(expected(rule.patterns(), text.toString()));
        }
    }

    @Test
    void divides_what_deepseek_counts_as_letters_from_what_it_does_not() {
        PreTokenizer preTokenizer = PreTokenizer.named("deepseek-llm").orElseThrow();
        assertThat(pieces(preTokenizer, "café au lait")).containsExactly("caf", "é", " au", " lait");
        assertThat(pieces(preTokenizer, "x  12\n\n 我们 한국 ok。  "))
                .containsExactly("x", "  ", "12", "\n", "\n", " ", "我们", " ", "한국", " ok", "。", "  ");
    }

    @Test
    void leaves_letters_of_later_unicode_versions_alone() {
        String garay = Character.toString(0x10D50).repeat(2);
        PreTokenizer preTokenizer = PreTokenizer.named("gpt-2").orElseThrow();
        assertThat(pieces(preTokenizer, "a" + garay)).containsExactly("a", garay);
        assertThat(CharacterClasses.of(0x10D50)).isZero();
        assertThat(CharacterClasses.of(0x10D4F)).isZero();
        assertThat(CharacterClasses.of(0x10D66)).isZero();
        assertThat(CharacterClasses.of(0x897)).isZero();
        assertThat(CharacterClasses.of(0x896)).isZero();
        assertThat(CharacterClasses.of(0x898)).isEqualTo(CharacterClasses.MARK);
        assertThat(CharacterClasses.of(0x1FBF0)).isEqualTo(CharacterClasses.NUMBER);
    }

    /// Fails when Java learns a newer Unicode: what it added then belongs to the code points that were assigned later.
    @ParameterizedTest
    @CsvSource({"1,136726", "2,1831", "4,2450", "8,842", "16,7775", "32,25", "64,139751", "128,2"})
    void has_the_classes_of_unicode_15_1(int characterClass, int codePoints) {
        assertThat(IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
                        .filter(codePoint -> (CharacterClasses.of(codePoint) & characterClass) != 0)
                        .count())
                .isEqualTo(codePoints);
    }

    @ParameterizedTest
    @CsvSource({"llama3,llama-bpe", "deepseek-r1-qwen,qwen2", "phi-2,gpt-2", "smollm,starcoder", "command-r,refact"})
    void knows_other_names_of_the_same_rules(String name, String same) {
        String text = "It'S 12345 o'clock,\n\n  don't été 我们 ...";
        assertThat(pieces(PreTokenizer.named(name).orElseThrow(), text))
                .isEqualTo(pieces(PreTokenizer.named(same).orElseThrow(), text));
    }

    @Test
    void does_not_know_every_name() {
        assertThat(PreTokenizer.named("gpt-9")).isEmpty();
        assertThat(PreTokenizer.named("default")).containsSame(PreTokenizer.unnamed());
    }

    private static String prefixed(String word, String digits) {
        return CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?[" + word + "]+|\\p{N}" + digits + "| ?[^\\s\\p{N}" + word
                + "]+[\\r\\n]*|" + SPACES;
    }

    private static List<String> pieces(PreTokenizer preTokenizer, String text) {
        ClassifiedText classified = ClassifiedText.of(text, 0, text.length());
        List<String> pieces = new ArrayList<>();
        preTokenizer.split(classified, (start, end) -> {
            StringBuilder piece = new StringBuilder();
            for (int index = start; index < end; index++) {
                piece.appendCodePoint(classified.codePoint(index));
            }
            pieces.add(piece.toString());
        });
        return pieces;
    }

    /// Matches are pieces, and so is what is between them; each expression works within the pieces of the one before.
    private static List<String> expected(List<Pattern> patterns, String text) {
        List<String> pieces = text.isEmpty() ? List.of() : List.of(text);
        for (Pattern pattern : patterns) {
            List<String> next = new ArrayList<>();
            for (String piece : pieces) {
                Matcher matcher = pattern.matcher(piece);
                int end = 0;
                while (matcher.find()) {
                    if (matcher.start() > end) {
                        next.add(piece.substring(end, matcher.start()));
                    }
                    next.add(matcher.group());
                    end = matcher.end();
                }
                if (end < piece.length()) {
                    next.add(piece.substring(end));
                }
            }
            pieces = next;
        }
        return pieces;
    }
}
