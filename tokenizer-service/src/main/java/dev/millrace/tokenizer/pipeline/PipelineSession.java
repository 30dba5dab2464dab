package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.FinishedSequence;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.RefusedSequence;
import dev.millrace.tokenizer.loop.ServiceLoop;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// One stream to stage 0 in one epoch: gives sequences their ids, gathers arrivals until the stream is writable, and
/// hands each report's entries to their sequences.
///
/// A flush waits only for tasks that are in the loop already, so one request alone goes out at once and many gather
/// into
/// one batch.
final class PipelineSession implements PipelineLink.Listener {
    /// What the session cannot settle itself.
    interface Owner {
        /// The stream is gone; the session's sequences are still in it.
        void lost(String reason);

        /// A sequence that an earlier session had accepted was refused by this one and left it.
        void refusedAgain(Sequence sequence, RefusalReason reason, String message);
    }

    private final long epoch;
    private final ServiceLoop loop;
    private final TokenClock tokenClock;
    private final Owner owner;
    private final PipelineLink link;
    private final ArrivalGatherer gatherer;
    private final ForgottenSequences forgotten = new ForgottenSequences();
    /// By id. A map of boxed ids would cost an object a token.
    private final LongObjectHashMap<Sequence> sequences = new LongObjectHashMap<>();
    private long lastSequenceId;
    private boolean flushQueued;
    private boolean closed;

    PipelineSession(
            long epoch, String address, PipelineDialer dialer, ServiceLoop loop, TokenClock tokenClock, Owner owner) {
        this.epoch = epoch;
        this.loop = loop;
        this.tokenClock = tokenClock;
        this.owner = owner;
        gatherer = new ArrivalGatherer(epoch);
        link = dialer.dial(address, this);
    }

    void submit(Sequence sequence) {
        long id = ++lastSequenceId;
        sequences.put(id, sequence);
        gatherer.submit(sequence.submission(id));
        queueFlush();
    }

    void cancel(Sequence sequence) {
        long id = sequence.sessionSequenceId();
        // A sequence that ended in an earlier session may have had an id that is another one's now.
        if (sequences.get(id) != sequence) {
            return;
        }
        sequences.remove(id);
        if (sequence.wantsLogprobs()) {
            forgotten.add(id, loop.nanoTime());
        }
        gatherer.cancel(id);
        queueFlush();
    }

    /// Ends the stream and takes out the sequences that were in it, in the order of their arrival.
    List<Sequence> close(String reason) {
        if (!closed) {
            closed = true;
            link.close(reason);
        }
        List<Sequence> left = new ArrayList<>(sequences.values());
        // Ids were given in this order.
        left.sort(Comparator.comparingLong(Sequence::sessionSequenceId));
        sequences.clear();
        return left;
    }

    @Override
    public void writable() {
        flush();
    }

    @Override
    public void lost(String reason) {
        if (!closed) {
            closed = true;
            owner.lost(reason);
        }
    }

    @Override
    public void report(ReceivedReport report) {
        if (closed) {
            return;
        }
        if (report.epoch() != epoch) {
            fail("stage 0 reported epoch " + report.epoch() + " on a stream of epoch " + epoch);
            return;
        }
        if (report.hasMore()) {
            report.message().getAcceptedList().forEach(this::accept);
            report.message().getRefusedList().forEach(this::refuse);
        }
        if (tokens(report) && report.hasMore()) {
            report.message().getFinishedList().forEach(this::finish);
        }
    }

    private void accept(long id) {
        Sequence sequence = sequences.get(id);
        if (sequence != null) {
            sequence.accept();
        }
    }

    private void refuse(RefusedSequence refused) {
        Sequence sequence = sequences.remove(refused.getSequenceId());
        if (sequence == null) {
            return;
        }
        if (sequence.wasAccepted()) {
            owner.refusedAgain(sequence, refused.getReason(), refused.getMessage());
        } else {
            sequence.listener().refused(refused.getReason(), refused.getMessage());
        }
    }

    private void finish(FinishedSequence finished) {
        Sequence sequence = sequences.remove(finished.getSequenceId());
        if (sequence != null) {
            sequence.finish(finished.getReason(), finished.getCachedPromptTokens());
        }
    }

    /// Returns false when the report broke the contract and the stream was given up.
    private boolean tokens(ReceivedReport report) {
        int count = report.tokenIds().count();
        if (report.sequenceIds().count() != count || report.tokenIndexes().count() != count) {
            return fail("stage 0 sent token arrays of different lengths");
        }
        if (count > 0) {
            tokenClock.tick();
        }
        LogprobCursor logprobs = new LogprobCursor(report.message());
        for (int i = 0; i < count; i++) {
            long id = report.sequenceIds().at(i);
            int index = (int) report.tokenIndexes().at(i);
            Sequence sequence = sequences.get(id);
            boolean withLogprob = sequence == null ? forgotten.contains(id) : sequence.wantsLogprobs();
            if (withLogprob && !logprobs.hasNext()) {
                return fail("stage 0 left out log probabilities");
            }
            var logprob = withLogprob ? logprobs.next() : null;
            if (sequence != null
                    && !sequence.token(index, (int) report.tokenIds().at(i), logprob)) {
                return fail("stage 0 skipped a token: index " + index + " came too early");
            }
        }
        return !logprobs.hasNext() || fail("stage 0 sent log probabilities that nobody asked for");
    }

    /// A stream that breaks the contract cannot be trusted with anything on it: give it up, the sequences move on.
    private boolean fail(String reason) {
        closed = true;
        link.close(reason);
        owner.lost(reason);
        return false;
    }

    private void queueFlush() {
        if (!flushQueued && !closed) {
            flushQueued = true;
            loop.execute(() -> {
                flushQueued = false;
                flush();
            });
        }
    }

    private void flush() {
        while (!closed && !gatherer.isEmpty() && link.writable()) {
            link.send(gatherer.next());
        }
    }
}
