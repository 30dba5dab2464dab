package dev.millrace.tokenizer.vocabulary;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.CONTROL;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.MARK;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.PUNCTUATION;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SPACE;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SYMBOL;

import dev.millrace.tokenizer.vocabulary.split.CharacterClasses;
import dev.millrace.tokenizer.vocabulary.split.CodePoints;
import java.text.Normalizer;
import java.util.function.Consumer;

/// BERT's way to words, as llama.cpp has it: white space divides, punctuation and Chinese characters stand alone,
/// control characters go, accents go (a character becomes the first one of its canonical decomposition, marks are
/// dropped), capitals become small.
///
/// @param stripAccents whether accents go
/// @param lowerCase whether capitals become small
record WordNormalizer(boolean stripAccents, boolean lowerCase) {
    /// Hands each word to `words` as UTF-8, in a list that is used again for the next word.
    void words(String text, int from, int to, Consumer<ByteList> words) {
        ByteList word = new ByteList(64);
        int index = from;
        while (index < to) {
            int original = CodePoints.at(text, index, to);
            index += Character.charCount(original);
            int codePoint = stripAccents ? base(original) : original;
            int classes = CharacterClasses.of(codePoint);
            if ((classes & SPACE) != 0) {
                finish(word, words);
            } else if (!isDropped(codePoint, classes)) {
                boolean alone = standsAlone(codePoint, classes);
                if (alone) {
                    finish(word, words);
                }
                word.addCodePoint(
                        lowerCase && CharacterClasses.isAssigned(codePoint)
                                ? Character.toLowerCase(codePoint)
                                : codePoint);
                if (alone) {
                    finish(word, words);
                }
            }
        }
        finish(word, words);
    }

    private boolean isDropped(int codePoint, int classes) {
        return codePoint == 0
                || codePoint == 0xFFFD
                || (classes & CONTROL) != 0
                || (stripAccents && (classes & MARK) != 0);
    }

    private static boolean standsAlone(int codePoint, int classes) {
        return (classes & PUNCTUATION) != 0 || (codePoint < 0x7F && (classes & SYMBOL) != 0) || isChinese(codePoint);
    }

    private static void finish(ByteList word, Consumer<ByteList> words) {
        if (word.size() > 0) {
            words.accept(word);
            word.clear();
        }
    }

    private static int base(int codePoint) {
        if (codePoint < 0xC0 || !CharacterClasses.isAssigned(codePoint)) {
            return codePoint;
        }
        return Normalizer.normalize(Character.toString(codePoint), Normalizer.Form.NFD)
                .codePointAt(0);
    }

    /// The blocks that BERT's tokenizers name; the one that begins at U+2B920 does so by their mistake.
    private static boolean isChinese(int codePoint) {
        return (codePoint >= 0x4E00 && codePoint <= 0x9FFF)
                || (codePoint >= 0x3400 && codePoint <= 0x4DBF)
                || (codePoint >= 0x20000 && codePoint <= 0x2A6DF)
                || (codePoint >= 0x2A700 && codePoint <= 0x2B73F)
                || (codePoint >= 0x2B740 && codePoint <= 0x2B81F)
                || (codePoint >= 0x2B920 && codePoint <= 0x2CEAF)
                || (codePoint >= 0xF900 && codePoint <= 0xFAFF)
                || (codePoint >= 0x2F800 && codePoint <= 0x2FA1F);
    }
}
