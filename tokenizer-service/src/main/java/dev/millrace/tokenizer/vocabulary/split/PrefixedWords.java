package dev.millrace.tokenizer.vocabulary.split;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LINE_BREAK;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.NUMBER;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SPACE;

/// The rule of Llama 3 and of Qwen: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?W+|\p{N}{1,D}|
/// ?[^\sW\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, where `W` is `\p{L}` or `[\p{L}\p{M}]`.
///
/// @param word the classes that make up a word, `W`
/// @param digits how many digits a piece has at most, `D`
record PrefixedWords(int word, int digits) implements Splitter {
    @Override
    public void split(ClassifiedText text, int start, int end, PieceSink sink) {
        int position = start;
        while (position < end) {
            int next = pieceEnd(text, position, end);
            sink.piece(position, next);
            position = next;
        }
    }

    private int pieceEnd(ClassifiedText text, int position, int end) {
        int contraction = Contractions.length(text, position, end, true);
        if (contraction > 0) {
            return position + contraction;
        }
        if (text.is(position, NUMBER)) {
            return text.skipWhile(position, Math.min(end, position + digits), NUMBER);
        }
        if (text.is(position, word)) {
            return text.skipWhile(position, end, word);
        }
        if (!text.is(position, LINE_BREAK) && position + 1 < end && text.is(position + 1, word)) {
            return text.skipWhile(position + 1, end, word);
        }
        int first = text.codePoint(position) == ' ' ? position + 1 : position;
        if (first == end || text.is(first, SPACE | NUMBER)) {
            return Spaces.endAtLineBreak(text, position, end);
        }
        return text.skipWhile(text.skipUntil(first, end, SPACE | NUMBER | word), end, LINE_BREAK);
    }
}
