package dev.millrace.tokenizer.vocabulary.split;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LETTER;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LINE_BREAK;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.MARK;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.NUMBER;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.PUNCTUATION;

import java.util.List;

/// The rules of each known pre-tokenizer, applied one after another, each within the pieces of the one before.
final class Rules {
    private static final CharacterSet NUMBERS = CharacterSet.ofClasses(NUMBER);
    private static final CharacterSet ASCII_DIGITS = CharacterSet.ofRanges('0', '9');
    private static final CharacterSet PUNCTUATION_MARKS = CharacterSet.ofClasses(PUNCTUATION);
    private static final Splitter EACH_LINE_BREAK = Runs.upTo(1, CharacterSet.ofClasses(LINE_BREAK));

    static final List<Splitter> GPT_2 = List.of(new GptWords());
    static final List<Splitter> LLAMA_3 = List.of(new PrefixedWords(LETTER, 3));
    static final List<Splitter> QWEN_2 = List.of(new PrefixedWords(LETTER, 1));
    static final List<Splitter> QWEN_35 = List.of(new PrefixedWords(LETTER | MARK, 1));
    static final List<Splitter> TEKKEN = List.of(new CasedWords(1, false));
    static final List<Splitter> GPT_4O = List.of(new CasedWords(3, true));
    static final List<Splitter> STARCODER = List.of(Runs.upTo(1, NUMBERS), new GptWords());
    static final List<Splitter> FALCON =
            List.of(Runs.of(PUNCTUATION_MARKS.or("$+<=>^~|`")), new GptWords(), Runs.exactly(3, ASCII_DIGITS));
    static final List<Splitter> DEEPSEEK_LLM = List.of(
            EACH_LINE_BREAK,
            Runs.withLeadingSpace(DeepSeekSets.CASED_LETTERS),
            Runs.withLeadingSpace(DeepSeekSets.PUNCTUATION),
            new TrailingSpace(),
            Runs.of(DeepSeekSets.UNSPACED),
            Runs.of(NUMBERS));
    static final List<Splitter> DEEPSEEK_CODER = List.of(
            EACH_LINE_BREAK,
            Runs.withLeadingSpace(CharacterSet.ofClasses(LETTER)),
            Runs.withLeadingSpace(PUNCTUATION_MARKS),
            Runs.of(DeepSeekSets.UNSPACED),
            Runs.upTo(1, NUMBERS));
    static final List<Splitter> DEEPSEEK_V3 =
            List.of(Runs.upTo(3, NUMBERS), Runs.of(DeepSeekSets.IDEOGRAPHS_AND_KANA), new PunctuatedWords());

    /// For files that name no pre-tokenizer or one that is not known: llama.cpp's "default". Punctuation, then GPT-2's
    /// words, then numbers, in groups of three digits.
    static final List<Splitter> DEFAULT = List.of(
            Runs.of(PUNCTUATION_MARKS.or("$+<=>^~|")), new GptWords(), Runs.of(NUMBERS), Runs.exactly(3, ASCII_DIGITS));

    private Rules() {}
}
