package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.proto.v1.TokenLogprob;
import dev.millrace.tokenizer.loop.ServiceLoop;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One token sent through a pipeline to see whether it comes out in time.
final class Canary implements SequenceListener {
    private final Consumer<Boolean> result;
    private boolean done;

    private Canary(Consumer<Boolean> result) {
        this.result = result;
    }

    /// Sends the token; `result` is told once, on the loop, whether it came out within `deadline`.
    static void send(
            PipelineSession session,
            SubmittedSequence order,
            ServiceLoop loop,
            Duration deadline,
            Consumer<Boolean> result) {
        Canary canary = new Canary(result);
        Sequence sequence = new Sequence(order, canary, false);
        session.submit(sequence);
        loop.after(deadline, () -> {
            if (!canary.done) {
                session.cancel(sequence);
                canary.settle(false);
            }
        });
    }

    @Override
    public void accepted() {}

    @Override
    public void token(int index, int tokenId, @Nullable TokenLogprob logprob) {
        settle(true);
    }

    @Override
    public void finished(FinishReason reason, int cachedPromptTokens) {
        settle(true);
    }

    @Override
    public void refused(RefusalReason reason, String message) {
        settle(false);
    }

    @Override
    public void lost(String message) {
        settle(false);
    }

    private void settle(boolean cameOut) {
        if (!done) {
            done = true;
            result.accept(cameOut);
        }
    }
}
