package dev.millrace.tokenizer.vocabulary;

import dev.millrace.gguf.StringArray;

/// Which pairs of tokens merge, in which order, and into what: `tokenizer.ggml.merges`.
final class MergeTable {
    static final int NONE = LongIntMap.ABSENT;

    private static final String KEY = "tokenizer.ggml.merges";

    private final LongIntMap ranks;
    private final int[] merged;

    private MergeTable(LongIntMap ranks, int[] merged) {
        this.ranks = ranks;
        this.merged = merged;
    }

    static MergeTable of(StringArray merges, TokenTexts texts) {
        LongIntMap ranks = new LongIntMap(merges.size());
        int[] merged = new int[merges.size()];
        for (int rank = 0; rank < merged.length; rank++) {
            byte[] merge = merges.bytes(rank);
            int space = space(merge);
            if (space < 0 || space + 1 == merge.length) {
                throw new VocabularyException("%s: entry %d is %s, not two tokens with a space between"
                        .formatted(KEY, rank, Quoted.of(merges.string(rank))));
            }
            int left = texts.find(merge, 0, space);
            int right = texts.find(merge, space + 1, merge.length);
            System.arraycopy(merge, space + 1, merge, space, merge.length - space - 1);
            int both = texts.find(merge, 0, merge.length - 1);
            if (left == TokenTexts.ABSENT || right == TokenTexts.ABSENT || both == TokenTexts.ABSENT) {
                throw new VocabularyException("%s: entry %d, %s, names a text that is no token"
                        .formatted(KEY, rank, Quoted.of(merges.string(rank))));
            }
            merged[rank] = both;
            ranks.putIfAbsent(pair(left, right), rank);
        }
        return new MergeTable(ranks, merged);
    }

    /// The rank of the merge of two tokens, the lowest of which goes first, or [#NONE]. A negative `left` or `right` is
    /// no token and merges with nothing.
    int rank(int left, int right) {
        return (left | right) < 0 ? NONE : ranks.get(pair(left, right));
    }

    /// What the merge of that rank makes.
    int merged(int rank) {
        return merged[rank];
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    /// The first space that is not the first byte.
    private static int space(byte[] merge) {
        for (int index = 1; index < merge.length; index++) {
            if (merge[index] == ' ') {
                return index;
            }
        }
        return -1;
    }
}
