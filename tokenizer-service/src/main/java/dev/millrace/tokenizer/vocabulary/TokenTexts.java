package dev.millrace.tokenizer.vocabulary;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/// The bytes of each token, one after another in one array, and optionally a hash index from bytes to ids: a few bytes
/// for a token instead of some objects.
final class TokenTexts {
    static final int ABSENT = -1;

    private static final long SEED = ThreadLocalRandom.current().nextLong();
    private static final long PRIME = 0x100000001B3L;

    private final byte[] bytes;
    private final int[] ends;
    /// Id + 1, or 0 where free; empty without an index.
    private final int[] index;

    private final int longest;

    private TokenTexts(byte[] bytes, int[] ends, int[] index) {
        this.bytes = bytes;
        this.ends = ends;
        this.index = index;
        int longest = 0;
        for (int id = 0; id < ends.length; id++) {
            longest = Math.max(longest, ends[id] - start(id));
        }
        this.longest = longest;
    }

    int size() {
        return ends.length;
    }

    /// The length of the longest, in bytes.
    int longest() {
        return longest;
    }

    int length(int id) {
        return ends[id] - start(id);
    }

    byte[] bytes(int id) {
        return Arrays.copyOfRange(bytes, start(id), ends[id]);
    }

    String text(int id) {
        int start = start(id);
        return new String(bytes, start, ends[id] - start, UTF_8);
    }

    void appendTo(ByteList target, int id) {
        for (int offset = start(id); offset < ends[id]; offset++) {
            target.add(bytes[offset]);
        }
    }

    /// The id of the token with this text, or [#ABSENT].
    int find(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        return find(utf8, 0, utf8.length);
    }

    /// The id of the token whose bytes are `text[from..to)`, or [#ABSENT].
    int find(byte[] text, int from, int to) {
        if (to - from > longest) {
            return ABSENT;
        }
        long hash = start();
        for (int offset = from; offset < to; offset++) {
            hash = step(hash, text[offset]);
        }
        return find(hash, text, from, to);
    }

    /// As [#find(byte[], int, int)], for a hash built by [#start] and [#step] as the bytes came.
    int find(long hash, byte[] text, int from, int to) {
        int slot = slot(hash, index.length);
        while (index[slot] != 0) {
            int id = index[slot] - 1;
            if (Arrays.equals(bytes, start(id), ends[id], text, from, to)) {
                return id;
            }
            slot = slot + 1 & (index.length - 1);
        }
        return ABSENT;
    }

    static long start() {
        return SEED;
    }

    static long step(long hash, byte value) {
        return (hash ^ value) * PRIME;
    }

    private static int slot(long hash, int capacity) {
        return (int) ((hash ^ hash >>> 29) * PRIME >>> 32) & (capacity - 1);
    }

    private int start(int id) {
        return id == 0 ? 0 : ends[Objects.checkIndex(id, ends.length) - 1];
    }

    /// Collects the bytes of token 0, 1, 2, ...
    static final class Builder {
        private final ByteList bytes;
        private final int[] ends;
        private int size;

        Builder(int tokens) {
            bytes = new ByteList(tokens * 8);
            ends = new int[tokens];
        }

        /// Where the bytes of the next token go; [#endToken] closes it.
        ByteList bytes() {
            return bytes;
        }

        void endToken() {
            ends[size++] = bytes.size();
        }

        TokenTexts withoutIndex() {
            return new TokenTexts(bytes.toArray(), ends, new int[] {});
        }

        /// An index of the tokens that `included` names. Tokens without bytes are never in it.
        ///
        /// @throws VocabularyException for two of them with the same bytes
        TokenTexts withIndex(IntPredicate included) {
            int capacity = Integer.highestOneBit(Math.max(8, ends.length)) * 4;
            TokenTexts texts = new TokenTexts(bytes.toArray(), ends, new int[capacity]);
            for (int id = 0; id < ends.length; id++) {
                if (texts.length(id) > 0 && included.test(id)) {
                    texts.addToIndex(id);
                }
            }
            return texts;
        }
    }

    private void addToIndex(int id) {
        long hash = start();
        for (int offset = start(id); offset < ends[id]; offset++) {
            hash = step(hash, bytes[offset]);
        }
        int slot = slot(hash, index.length);
        while (index[slot] != 0) {
            int other = index[slot] - 1;
            if (Arrays.equals(bytes, start(other), ends[other], bytes, start(id), ends[id])) {
                throw new VocabularyException("tokenizer.ggml.tokens has %s twice: tokens %d and %d"
                        .formatted(Quoted.of(text(id)), other, id));
            }
            slot = slot + 1 & (index.length - 1);
        }
        index[slot] = id + 1;
    }
}
