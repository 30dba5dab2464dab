package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GeneratedToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final List<GeneratedToken> details = new ArrayList<>(0);

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
            details.add(detail);
            detailBytes += detail.getSerializedSize();
        }
    }

    /// Moves the first `tokens` to the end of another queue.
    void moveTo(TokenQueue other, int tokens) {
        boolean detailed = !details.isEmpty();
        for (int i = 0; i < tokens; i++) {
            other.add(firstIndex + i, ids[head + i], detailed ? details.get(i) : null);
        }
        if (detailed) {
            List<GeneratedToken> moved = details.subList(0, tokens);
            moved.forEach(detail -> detailBytes -= detail.getSerializedSize());
            moved.clear();
        }
        head += tokens;
        firstIndex += tokens;
        count -= tokens;
    }

    int count() {
        return count;
    }

    /// The id of the token at `position` in the queue.
    int id(int position) {
        return ids[head + position];
    }

    /// Where the first token is in the output.
    int firstIndex() {
        return firstIndex;
    }

    /// As many as tokens, or none at all.
    int detailCount() {
        return details.size();
    }

    GeneratedToken detail(int position) {
        return details.get(position);
    }

    void clear() {
        count = 0;
        detailBytes = 0;
        details.clear();
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
