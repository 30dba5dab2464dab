package dev.millrace.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/// An array of strings, kept as one run of bytes and decoded on demand: a vocabulary has 150,000 of them, and a process
/// that does not want it should not pay for it.
///
/// Elements need not be valid UTF-8, since a vocabulary may hold any bytes: [#string] puts U+FFFD for what is not,
/// [#bytes] has the truth.
public final class StringArray implements GgufValue.Array {
    private final byte[] bytes;
    private final int[] ends;

    /// String `i` is `bytes[ends[i - 1]..ends[i])`; neither array is copied.
    StringArray(byte[] bytes, int[] ends) {
        this.bytes = bytes;
        this.ends = ends;
    }

    @Override
    public GgufType elementType() {
        return GgufType.STRING;
    }

    @Override
    public int size() {
        return ends.length;
    }

    public String string(int index) {
        int start = start(index);
        return new String(bytes, start, ends[index] - start, UTF_8);
    }

    public byte[] bytes(int index) {
        return Arrays.copyOfRange(bytes, start(index), ends[index]);
    }

    /// All of them, decoded now; unmodifiable.
    public List<String> strings() {
        String[] strings = new String[ends.length];
        for (int index = 0; index < strings.length; index++) {
            strings[index] = string(index);
        }
        return Collections.unmodifiableList(Arrays.asList(strings));
    }

    @Override
    public Text get(int index) {
        return new Text(string(index));
    }

    private int start(int index) {
        Objects.checkIndex(index, ends.length);
        return index == 0 ? 0 : ends[index - 1];
    }
}
