package dev.millrace.tokenizer.vocabulary.split;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LETTER;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LINE_BREAK;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.MARK;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.PUNCTUATION;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SYMBOL;

/// The last rule of DeepSeek V3: an ASCII punctuation mark with the ASCII letters after it, or
/// `[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`. Neighbours that none of this
/// matches stay together.
record PunctuatedWords() implements Splitter {
    @Override
    public void split(ClassifiedText text, int start, int end, PieceSink sink) {
        int pending = start;
        int position = start;
        while (position < end) {
            int next = pieceEnd(text, position, end);
            if (next == position) {
                position++;
                continue;
            }
            if (pending < position) {
                sink.piece(pending, position);
            }
            sink.piece(position, next);
            position = next;
            pending = next;
        }
        if (pending < end) {
            sink.piece(pending, end);
        }
    }

    private static int pieceEnd(ClassifiedText text, int position, int end) {
        boolean hasNext = position + 1 < end;
        if (hasNext && isAsciiPunctuation(text, position) && isAsciiLetter(text, position + 1)) {
            int index = position + 1;
            while (index < end && isAsciiLetter(text, index)) {
                index++;
            }
            return index;
        }
        if (text.is(position, LETTER | MARK)) {
            return text.skipWhile(position, end, LETTER | MARK);
        }
        if (hasNext && !text.is(position, LINE_BREAK | PUNCTUATION | SYMBOL) && text.is(position + 1, LETTER | MARK)) {
            return text.skipWhile(position + 1, end, LETTER | MARK);
        }
        int first = hasNext && text.codePoint(position) == ' ' ? position + 1 : position;
        if (text.is(first, PUNCTUATION | SYMBOL)) {
            return text.skipWhile(text.skipWhile(first, end, PUNCTUATION | SYMBOL), end, LINE_BREAK);
        }
        return Spaces.endAtLineBreak(text, position, end);
    }

    private static boolean isAsciiPunctuation(ClassifiedText text, int index) {
        return text.codePoint(index) < 0x80 && text.is(index, PUNCTUATION | SYMBOL);
    }

    private static boolean isAsciiLetter(ClassifiedText text, int index) {
        return text.codePoint(index) < 0x80 && text.is(index, LETTER);
    }
}
