package dev.millrace.worker.schedule;

import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInputBuilder;
import java.util.Arrays;

/// The tokens of one sequence that its sampler penalises: how often each was generated and whether it stands among the
/// last [SamplingParameters#REPEAT_WINDOW_TOKENS] of prompt and output. Kept up token by token; allocates only while
/// the number of distinct tokens grows. Only what the sequence's parameters ask for is kept.
final class TokenHistory {

    private static final int WINDOW = SamplingParameters.REPEAT_WINDOW_TOKENS;
    private static final int EMPTY = -1;

    private final boolean countsGenerated;
    private final boolean watchesWindow;
    /// Distinct tokens, densely, with their counts beside them.
    private int[] tokens = new int[WINDOW];
    private int[] generated = new int[WINDOW];
    private int[] inWindow = new int[WINDOW];
    private int count;
    /// Where a token stands above: open addressing with linear probing, at most half full.
    private int[] places = emptyPlaces(2 * WINDOW);

    /// Starts with the first `length` of `source`, of which those from `promptLength` on were generated.
    TokenHistory(SamplingParameters sampling, int[] source, int promptLength, int length) {
        countsGenerated = sampling.presencePenalty() != 0f || sampling.frequencyPenalty() != 0f;
        watchesWindow = sampling.repeatPenalty() != 1f;
        if (countsGenerated) {
            for (int i = promptLength; i < length; i++) {
                countGenerated(source[i]);
            }
        }
        if (watchesWindow) {
            for (int i = Math.max(0, length - WINDOW); i < length; i++) {
                enterWindow(source[i]);
            }
        }
    }

    /// Takes in the generated token at the end of the first `length` of `source`.
    void append(int[] source, int length) {
        int token = source[length - 1];
        if (countsGenerated) {
            countGenerated(token);
        }
        if (watchesWindow) {
            enterWindow(token);
            if (length > WINDOW) {
                leaveWindow(source[length - 1 - WINDOW]);
            }
        }
    }

    private void countGenerated(int token) {
        int place = place(token);
        generated[place]++;
    }

    private void enterWindow(int token) {
        int place = place(token);
        inWindow[place]++;
    }

    private void leaveWindow(int token) {
        int place = place(token);
        if (--inWindow[place] == 0 && generated[place] == 0) {
            remove(place);
        }
    }

    /// Gives everything to the sample that was added last.
    void pack(StepInputBuilder builder) {
        builder.penalties(tokens, generated, inWindow, 0, count);
    }

    /// As [#pack], as if a token that is not known yet had come after the first `length` of `source`: all but that
    /// token
    /// itself.
    void packAhead(StepInputBuilder builder, int[] source, int length) {
        if (!watchesWindow || length < WINDOW) {
            pack(builder);
            return;
        }
        int leaving = place(source[length - WINDOW]);
        inWindow[leaving]--;
        boolean stays = inWindow[leaving] > 0 || generated[leaving] > 0;
        builder.penalties(tokens, generated, inWindow, 0, stays ? leaving + 1 : leaving);
        builder.penalties(tokens, generated, inWindow, leaving + 1, count);
        inWindow[leaving]++;
    }

    /// Where the token stands, at the end if it is new.
    private int place(int token) {
        int slot = slot(token);
        if (places[slot] != EMPTY) {
            return places[slot];
        }
        if (2 * (count + 1) > places.length) {
            grow();
            slot = slot(token);
        }
        places[slot] = count;
        tokens[count] = token;
        generated[count] = 0;
        inWindow[count] = 0;
        return count++;
    }

    /// The slot of a token, or the empty one where it belongs.
    private int slot(int token) {
        int slot = home(token);
        while (places[slot] != EMPTY && tokens[places[slot]] != token) {
            slot = (slot + 1) & (places.length - 1);
        }
        return slot;
    }

    private int home(int token) {
        int hash = token * 0x9e3779b1;
        return (hash ^ hash >>> 16) & (places.length - 1);
    }

    private void grow() {
        int capacity = places.length;
        tokens = Arrays.copyOf(tokens, capacity);
        generated = Arrays.copyOf(generated, capacity);
        inWindow = Arrays.copyOf(inWindow, capacity);
        places = emptyPlaces(2 * capacity);
        for (int i = 0; i < count; i++) {
            places[slot(tokens[i])] = i;
        }
    }

    /// Removes the token at `place`; the last one moves there.
    private void remove(int place) {
        int hole = slot(tokens[place]);
        places[hole] = EMPTY;
        closeGap(hole);
        int last = --count;
        if (place != last) {
            places[slot(tokens[last])] = place;
            tokens[place] = tokens[last];
            generated[place] = generated[last];
            inWindow[place] = inWindow[last];
        }
    }

    /// Moves entries back that would not be found any more past the hole.
    private void closeGap(int hole) {
        int mask = places.length - 1;
        int gap = hole;
        for (int slot = (hole + 1) & mask; places[slot] != EMPTY; slot = (slot + 1) & mask) {
            int distance = (slot - home(tokens[places[slot]])) & mask;
            if (distance >= ((slot - gap) & mask)) {
                places[gap] = places[slot];
                places[slot] = EMPTY;
                gap = slot;
            }
        }
    }

    private static int[] emptyPlaces(int capacity) {
        int[] places = new int[capacity];
        Arrays.fill(places, EMPTY);
        return places;
    }
}
