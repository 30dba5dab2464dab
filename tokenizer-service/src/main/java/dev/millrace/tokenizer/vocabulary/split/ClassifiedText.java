package dev.millrace.tokenizer.vocabulary.split;

import java.util.Arrays;

/// A stretch of text as code points, the class of each beside it. An unpaired surrogate, which UTF-8 cannot hold,
/// becomes U+FFFD.
public final class ClassifiedText {
    private final int[] codePoints;
    private final byte[] classes;

    private ClassifiedText(int[] codePoints, byte[] classes) {
        this.codePoints = codePoints;
        this.classes = classes;
    }

    /// The chars `[from, to)` of `text`.
    public static ClassifiedText of(String text, int from, int to) {
        int[] codePoints = new int[to - from];
        int length = 0;
        int index = from;
        while (index < to) {
            int codePoint = CodePoints.at(text, index, to);
            codePoints[length++] = codePoint;
            index += Character.charCount(codePoint);
        }
        byte[] classes = new byte[length];
        for (int position = 0; position < length; position++) {
            classes[position] = (byte) CharacterClasses.of(codePoints[position]);
        }
        return new ClassifiedText(Arrays.copyOf(codePoints, length), classes);
    }

    /// In code points.
    public int length() {
        return classes.length;
    }

    public int codePoint(int index) {
        return codePoints[index];
    }

    /// The bits of [CharacterClasses].
    public int classes(int index) {
        return classes[index] & 0xFF;
    }

    boolean is(int index, int anyOf) {
        return (classes[index] & anyOf) != 0;
    }

    /// The first index in `[from, end)` whose class is none of `anyOf`, or `end`.
    int skipWhile(int from, int end, int anyOf) {
        int index = from;
        while (index < end && is(index, anyOf)) {
            index++;
        }
        return index;
    }

    /// The first index in `[from, end)` whose class is one of `anyOf`, or `end`.
    int skipUntil(int from, int end, int anyOf) {
        int index = from;
        while (index < end && !is(index, anyOf)) {
            index++;
        }
        return index;
    }
}
