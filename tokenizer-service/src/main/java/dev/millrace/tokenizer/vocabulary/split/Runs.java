package dev.millrace.tokenizer.vocabulary.split;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SPACE;

/// Sets runs of some characters apart from what is around them: `X{minimum,maximum}` or `\s?X+`.
///
/// @param set the characters of a run, `X`
/// @param minimum shorter runs are left where they are
/// @param maximum longer runs are cut
/// @param leadingSpace whether one white space character before a run belongs to it
record Runs(CharacterSet set, int minimum, int maximum, boolean leadingSpace) implements Splitter {
    static Runs of(CharacterSet set) {
        return new Runs(set, 1, Integer.MAX_VALUE, false);
    }

    static Runs withLeadingSpace(CharacterSet set) {
        return new Runs(set, 1, Integer.MAX_VALUE, true);
    }

    static Runs upTo(int maximum, CharacterSet set) {
        return new Runs(set, 1, maximum, false);
    }

    static Runs exactly(int length, CharacterSet set) {
        return new Runs(set, length, length, false);
    }

    @Override
    public void split(ClassifiedText text, int start, int end, PieceSink sink) {
        int pending = start;
        int position = start;
        while (position < end) {
            int runEnd = runEnd(text, position, end);
            if (runEnd - position < minimum) {
                // A run that is too short now is too short at its other characters as well.
                position = Math.max(runEnd, position + 1);
                continue;
            }
            int runStart = leadingSpace && position > pending && text.is(position - 1, SPACE) ? position - 1 : position;
            if (pending < runStart) {
                sink.piece(pending, runStart);
            }
            sink.piece(runStart, runEnd);
            position = runEnd;
            pending = runEnd;
        }
        if (pending < end) {
            sink.piece(pending, end);
        }
    }

    private int runEnd(ClassifiedText text, int position, int end) {
        int limit = end - position > maximum ? position + maximum : end;
        int index = position;
        while (index < limit && set.contains(text.codePoint(index), text.classes(index))) {
            index++;
        }
        return index;
    }
}
