package dev.millrace.tokenizer.vocabulary.split;

import java.util.Arrays;

/// A set of code points, by class or by ranges.
@FunctionalInterface
interface CharacterSet {
    /// @param classes the code point's bits of [CharacterClasses]
    boolean contains(int codePoint, int classes);

    static CharacterSet ofClasses(int anyOf) {
        return (codePoint, classes) -> (classes & anyOf) != 0;
    }

    /// @param bounds first and last of each range, ascending. White space beyond ASCII is in none of them: llama.cpp
    ///     matches such ranges after it has put a vertical tab in its place.
    static CharacterSet ofRanges(int... bounds) {
        return (codePoint, classes) -> {
            int index = Arrays.binarySearch(bounds, codePoint);
            boolean inside = index >= 0 || (-index - 1) % 2 == 1;
            return inside && (codePoint < 0x80 || (classes & CharacterClasses.SPACE) == 0);
        };
    }

    default CharacterSet or(String others) {
        return (codePoint, classes) -> contains(codePoint, classes) || others.indexOf(codePoint) >= 0;
    }
}
