package dev.millrace.worker.schedule;

import dev.millrace.worker.cache.BlockTable;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One request inside the scheduler. All fields belong to the engine thread.
public final class Sequence {

    enum State {
        WAITING,
        RUNNING,
        ENDED
    }

    final SequenceRequest request;
    final BlockTable table = new BlockTable();
    private final SequenceEvents events;

    State state = State.WAITING;
    /// Names this sequence in steps from one admission to the next preemption; 0 outside. A token that comes back under
    /// an older handle is late and dropped.
    long handle;

    /// Tokens at positions `0..computed` have been given to steps.
    int computed;

    /// The prompt is computed, tokens are being generated.
    boolean decoding;

    /// Steps in flight that sample a token of this sequence: so many tokens follow that are not known yet.
    int pending;

    private int[] tokens;
    private int length;
    private int maxLength;
    private int admissions;
    private int cachedPromptTokens;
    private @Nullable TokenHistory history;

    /// A sequence that nobody has seen yet.
    public Sequence(SequenceRequest request, SequenceEvents events) {
        this.request = request;
        this.events = events;
        tokens = request.tokenIds();
        length = tokens.length;
    }

    /// Prompt and output so far.
    int[] tokens() {
        return tokens;
    }

    int length() {
        return length;
    }

    /// Whether it has another token after those that are known and pending.
    boolean goesOn() {
        return length + pending < maxLength;
    }

    /// Tokens to give to steps, the pending ones included.
    int behind() {
        return length + pending - computed;
    }

    /// Tokens that steps were given and that are known: what is in KV blocks under them can be found by others.
    int knownComputed() {
        return Math.min(computed, length);
    }

    /// Tokens of the prompt proper, without output of an earlier pipeline.
    private int promptLength() {
        return request.tokenIds().length - request.generatedCount();
    }

    /// What the sampler has to know, for sequences that penalise.
    @Nullable
    TokenHistory history() {
        return history;
    }

    /// Runs from now on; at the first time, makes room for everything that it may generate.
    void admitted(long newHandle, int contextLength) {
        handle = newHandle;
        state = State.RUNNING;
        if (admissions++ == 0) {
            maxLength = (int) Math.min(contextLength, (long) promptLength() + request.maxTokens());
            tokens = Arrays.copyOf(tokens, maxLength);
            if (request.sampling().penalizes()) {
                history = new TokenHistory(request.sampling(), tokens, promptLength(), length);
            }
        }
    }

    /// Waits again; whatever was computed is forgotten.
    void preempted() {
        state = State.WAITING;
        handle = 0;
        computed = 0;
        decoding = false;
        pending = 0;
    }

    void ended() {
        state = State.ENDED;
        handle = 0;
    }

    /// Blocks of the prefix cache were taken over.
    ///
    /// @return how many tokens of the prompt were found that way for the first time
    int reused(int blockCount) {
        int tokenCount = blockCount * StepInput.BLOCK_TOKENS;
        computed += tokenCount;
        if (admissions > 1) {
            return 0;
        }
        int before = cachedPromptTokens;
        cachedPromptTokens = Math.min(promptLength(), before + tokenCount);
        return cachedPromptTokens - before;
    }

    /// Takes the next token over and says whether it was the last: null when it was not.
    @Nullable
    FinishReason append(StepOutput output, int n) {
        int token = output.tokenId(n);
        pending--;
        tokens[length++] = token;
        if (history != null) {
            history.append(tokens, length);
        }
        events.token(length - 1 - promptLength(), output, n);
        for (int end : request.endTokenIds()) {
            if (token == end) {
                return FinishReason.STOP;
            }
        }
        return length == maxLength ? FinishReason.LENGTH : null;
    }

    void finished(FinishReason reason) {
        events.finished(reason, cachedPromptTokens);
    }
}
