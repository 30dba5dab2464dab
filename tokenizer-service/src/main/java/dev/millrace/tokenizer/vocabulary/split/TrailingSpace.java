package dev.millrace.tokenizer.vocabulary.split;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SPACE;

/// `\s+$`: sets the white space at the end of a stretch apart.
record TrailingSpace() implements Splitter {
    @Override
    public void split(ClassifiedText text, int start, int end, PieceSink sink) {
        int tail = end;
        while (tail > start && text.is(tail - 1, SPACE)) {
            tail--;
        }
        if (start < tail) {
            sink.piece(start, tail);
        }
        if (tail < end) {
            sink.piece(tail, end);
        }
    }
}
