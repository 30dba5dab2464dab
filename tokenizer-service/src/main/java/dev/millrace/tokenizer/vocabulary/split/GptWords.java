package dev.millrace.tokenizer.vocabulary.split;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LETTER;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.NUMBER;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SPACE;

/// GPT-2's rule: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
record GptWords() implements Splitter {
    @Override
    public void split(ClassifiedText text, int start, int end, PieceSink sink) {
        int position = start;
        while (position < end) {
            int next = pieceEnd(text, position, end);
            sink.piece(position, next);
            position = next;
        }
    }

    private static int pieceEnd(ClassifiedText text, int position, int end) {
        int contraction = Contractions.length(text, position, end, false);
        if (contraction > 0) {
            return position + contraction;
        }
        int first = text.codePoint(position) == ' ' ? position + 1 : position;
        if (first == end || text.is(first, SPACE)) {
            return Spaces.end(text, position, end);
        }
        if (text.is(first, LETTER)) {
            return text.skipWhile(first, end, LETTER);
        }
        if (text.is(first, NUMBER)) {
            return text.skipWhile(first, end, NUMBER);
        }
        return text.skipUntil(first, end, SPACE | LETTER | NUMBER);
    }
}
