package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationDelta;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Tokens of one choice in a row: ids, and details where log probabilities were asked for. A token costs no object of
/// its own, since every token of every answer passes two of these.
final class TokenQueue {
    private static final int MOST_BYTES_PER_ID = 5;

    private int[] ids = new int[8];
    private int head;
    private int count;
    private int firstIndex;

    /// An entry a token, or none at all.
    private @Nullable ArrayDeque<GeneratedToken> details;

    private int detailBytes;

    /// Adds the token with the given position in the output; it follows the last one.
    void add(int index, int id, @Nullable GeneratedToken detail) {
        if (count == 0) {
            head = 0;
            firstIndex = index;
        } else if (head + count == ids.length) {
            makeRoom();
        }
        ids[head + count] = id;
        count++;
        if (detail != null) {
            if (details == null) {
                details = new ArrayDeque<>();
            }
            details.addLast(detail);
            detailBytes += detail.getSerializedSize();
        }
    }

    /// Moves the first `tokens` to the end of another queue.
    void moveTo(TokenQueue other, int tokens) {
        for (int i = 0; i < tokens; i++) {
            GeneratedToken detail = details == null ? null : details.pollFirst();
            detailBytes -= detail == null ? 0 : detail.getSerializedSize();
            other.add(firstIndex, ids[head], detail);
            head++;
            firstIndex++;
            count--;
        }
    }

    /// Moves all tokens to an event.
    void moveTo(GenerationDelta.Builder event) {
        for (int i = 0; i < count; i++) {
            event.addTokenIds(ids[head + i]);
        }
        event.setFirstIndex(firstIndex);
        if (details != null) {
            event.addAllTokens(details);
        }
        clear();
    }

    void clear() {
        count = 0;
        detailBytes = 0;
        if (details != null) {
            details.clear();
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    /// What the tokens take in a message, in bytes, at the most.
    int bytes() {
        return MOST_BYTES_PER_ID * count + detailBytes;
    }

    private void makeRoom() {
        if (2 * count <= ids.length) {
            System.arraycopy(ids, head, ids, 0, count);
        } else {
            int[] larger = Arrays.copyOf(ids, 2 * ids.length);
            System.arraycopy(ids, head, larger, 0, count);
            ids = larger;
        }
        head = 0;
    }
}
