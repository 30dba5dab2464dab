package dev.millrace.tokenizer.vocabulary.split;

import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.LINE_BREAK;
import static dev.millrace.tokenizer.vocabulary.split.CharacterClasses.SPACE;

/// The ends of pieces of white space.
final class Spaces {
    private Spaces() {}

    /// `\s+(?!\S)|\s+`: the run of white space at `position`, less its last character where something follows it: that
    /// one begins the next piece. `position` where there is no white space.
    static int end(ClassifiedText text, int position, int end) {
        int runEnd = text.skipWhile(position, end, SPACE);
        return runEnd - position > 1 && runEnd < end ? runEnd - 1 : runEnd;
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`: as [#end], but a run that holds line breaks ends after the last of them.
    static int endAtLineBreak(ClassifiedText text, int position, int end) {
        int runEnd = text.skipWhile(position, end, SPACE);
        for (int index = runEnd; index > position; index--) {
            if (text.is(index - 1, LINE_BREAK)) {
                return index;
            }
        }
        return runEnd - position > 1 && runEnd < end ? runEnd - 1 : runEnd;
    }
}
