package dev.millrace.gateway.fake;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A few tokens; some of them hold only a part of a character, and those come in order.
final class FakeVocabulary {
    private static final List<String> WORDS = List.of(
            " the",
            " sea",
            " is",
            " wide",
            " and",
            " blue",
            " \"deep\"",
            " salt",
            ",",
            ".",
            "\n",
            " waves",
            " wind",
            " ship",
            " sail",
            " tide",
            "\t",
            " \\",
            " shore",
            " gull",
            "</s",
            " caf\u00e9",
            " \u6d77",
            " foam",
            " reef");

    /// A wave in four tokens of one byte each.
    private static final byte[] WAVE = "\ud83c\udf0a".getBytes(StandardCharsets.UTF_8);

    private FakeVocabulary() {}

    static int wordCount() {
        return WORDS.size();
    }

    static int size() {
        return WORDS.size() + WAVE.length;
    }

    static List<Integer> waveIds() {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < WAVE.length; i++) {
            ids.add(WORDS.size() + i);
        }
        return ids;
    }

    static ByteString bytes(int id) {
        int word = Math.floorMod(id, size());
        return word < WORDS.size()
                ? ByteString.copyFromUtf8(WORDS.get(word))
                : ByteString.copyFrom(WAVE, word - WORDS.size(), 1);
    }
}
