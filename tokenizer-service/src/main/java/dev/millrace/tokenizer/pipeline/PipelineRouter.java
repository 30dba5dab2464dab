package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.tokenizer.loop.ServiceLoop;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Brings sequences to the pipeline that serves at the moment. When it goes away, its sequences wait here for the next
/// epoch and continue there where they stopped. Used on the service loop, [#available()] anywhere.
public final class PipelineRouter {
    /// How long a sequence waits for the next epoch.
    public static final Duration REPLAY_WINDOW = Duration.ofSeconds(30);

    /// After a re-formed pipeline's queue was full for sequences of the former one, they try again so much later.
    static final Duration QUEUE_FULL_PAUSE = Duration.ofMillis(250);

    private final ServiceLoop loop;
    private final Set<Sequence> stranded = new LinkedHashSet<>();
    private volatile @Nullable PipelineSession session;

    /// A router without a pipeline.
    public PipelineRouter(ServiceLoop loop) {
        this.loop = loop;
    }

    /// True while a pipeline takes new sequences.
    public boolean available() {
        return session != null;
    }

    /// Submits a sequence: `order` holds everything but the id; its tokens are the prompt alone. Only while a pipeline
    /// is
    /// [available][#available()].
    public RunningSequence submit(SubmittedSequence order, SequenceListener listener) {
        PipelineSession current = session;
        if (current == null) {
            throw new IllegalStateException("no pipeline takes sequences");
        }
        Sequence sequence = new Sequence(order, listener, true);
        current.submit(sequence);
        return () -> cancel(sequence);
    }

    /// The session of the pipeline that serves, if any.
    @Nullable
    PipelineSession session() {
        return session;
    }

    /// Takes a session into use and moves the waiting sequences to it.
    void adopt(PipelineSession next) {
        session = next;
        resubmit();
    }

    /// Takes a session out of use; its sequences wait from now on.
    void abandon(PipelineSession former, String reason) {
        if (session == former) {
            session = null;
        }
        for (Sequence sequence : former.close(reason)) {
            if (sequence.isReplayed()) {
                strand(sequence);
            } else {
                sequence.listener().lost(reason);
            }
        }
    }

    /// Handles the refusal of a sequence that ran before: only a full queue is worth another try.
    void refusedAgain(Sequence sequence, RefusalReason reason, String message) {
        if (reason != RefusalReason.REFUSAL_REASON_QUEUE_FULL) {
            sequence.listener().lost("The re-formed pipeline refused to continue: " + message);
            return;
        }
        strand(sequence);
        loop.after(QUEUE_FULL_PAUSE, this::resubmit);
    }

    private void cancel(Sequence sequence) {
        PipelineSession current = session;
        if (!stranded.remove(sequence) && current != null) {
            current.cancel(sequence);
        }
    }

    private void strand(Sequence sequence) {
        sequence.strand(loop.nanoTime());
        stranded.add(sequence);
        Duration left = REPLAY_WINDOW.minus(loop.since(sequence.strandedNanos()));
        loop.after(left, () -> expire(sequence));
    }

    private void expire(Sequence sequence) {
        boolean late = loop.since(sequence.strandedNanos()).compareTo(REPLAY_WINDOW) >= 0;
        if (late && stranded.remove(sequence)) {
            sequence.listener()
                    .lost("The pipeline was lost and did not come back within " + REPLAY_WINDOW.toSeconds()
                            + " seconds.");
        }
    }

    private void resubmit() {
        PipelineSession current = session;
        if (current == null) {
            return;
        }
        List<Sequence> waiting = List.copyOf(stranded);
        stranded.clear();
        for (Sequence sequence : waiting) {
            FinishReason over = sequence.alreadyOver();
            if (over == null) {
                current.submit(sequence);
            } else {
                sequence.finish(over, 0);
            }
        }
    }
}
