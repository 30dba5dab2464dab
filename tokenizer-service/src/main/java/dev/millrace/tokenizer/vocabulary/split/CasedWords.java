package dev.millrace.tokenizer.vocabulary.split;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LETTER;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LINE_BREAK;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.NUMBER;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SPACE;

/// The rule of Mistral's Tekken and of GPT-4o, which cuts words where capitals follow small letters:
/// `[^\r\n\p{L}\p{N}]?U*S+C?|[^\r\n\p{L}\p{N}]?U+S*C?|\p{N}{1,D}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
/// where `U` is any letter but a-z, `S` any letter but A-Z (as llama.cpp reads the originals: letters beyond ASCII are
/// both), and `C` a contraction in either case.
///
/// @param digits how many digits a piece has at most, `D`
/// @param contractions whether `C` is part of the rule
record CasedWords(int digits, boolean contractions) implements Splitter {
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
        if (text.is(position, NUMBER)) {
            return text.skipWhile(position, Math.min(end, position + digits), NUMBER);
        }
        int wordStart = text.is(position, LETTER | LINE_BREAK) ? position : position + 1;
        if (wordStart < end && text.is(wordStart, LETTER)) {
            int wordEnd = wordEnd(text, wordStart, end);
            return contractions ? wordEnd + Contractions.length(text, wordEnd, end, true) : wordEnd;
        }
        int first = text.codePoint(position) == ' ' ? position + 1 : position;
        if (first == end || text.is(first, SPACE | NUMBER)) {
            return Spaces.endAtLineBreak(text, position, end);
        }
        int tail = text.skipUntil(first, end, SPACE | LETTER | NUMBER);
        while (tail < end && (text.is(tail, LINE_BREAK) || text.codePoint(tail) == '/')) {
            tail++;
        }
        return tail;
    }

    /// `U*S+|U+S*` from a letter on. Characters given back by the search for the last letter that is `S` as well are in
    /// the next piece as a whole, so that the scan stays linear.
    private static int wordEnd(ClassifiedText text, int start, int end) {
        int upper = start;
        while (upper < end && text.is(upper, LETTER) && !isSmall(text.codePoint(upper))) {
            upper++;
        }
        int lower = upper;
        while (lower < end && text.is(lower, LETTER) && !isCapital(text.codePoint(lower))) {
            lower++;
        }
        if (lower > upper) {
            return lower;
        }
        for (int index = upper; index > start; index--) {
            if (!isCapital(text.codePoint(index - 1))) {
                return index;
            }
        }
        return upper;
    }

    private static boolean isSmall(int codePoint) {
        return codePoint >= 'a' && codePoint <= 'z';
    }

    private static boolean isCapital(int codePoint) {
        return codePoint >= 'A' && codePoint <= 'Z';
    }
}
