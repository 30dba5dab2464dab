package dev.millrace.worker.schedule;

import static dev.millrace.worker.step.StepInput.BLOCK_TOKENS;

import dev.millrace.worker.cache.KvCache;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepOutput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides which tokens of which sequences go into the next step: continuous batching under a token budget. Used by one
/// thread.
///
/// A step takes decodes first, those that have been ready longest (see [DecodeShare] for how many), then chunks of
/// prompts in the order of admission. Consecutive chunks of a prompt may be in flight at the same time; a decode needs
/// the token before it, so a sequence that is sampled in flight has nothing to do. Only where one stage takes two steps
/// at a time the device itself keeps that token for the next step: there a sequence is planned one token ahead of what
/// is
/// known, and what it computes is dropped when that token turns out to be the last.
///
/// When blocks run out, the sequence admitted last goes back to the head of the queue and is computed again later, with
/// what it generated as part of its prompt. The oldest sequence is never put back (alone it always fits), so it
/// progresses and ends; then the next one is the oldest: there is no livelock. That blocks may be given away while
/// steps
/// in flight still use them is explained at [KvCache].
public final class Scheduler {

    private final SchedulerSettings settings;
    private final RequestCheck requestCheck;
    private final KvCache cache;
    private final RunningSequences running;
    private final Admission admission;
    private final StepsInFlight inFlight;
    /// Sequences that can be given another decode, the one ready longest first.
    private final ArrayDeque<Sequence> ready = new ArrayDeque<>();
    /// Decodes of the step that is being planned.
    private final List<Sequence> planned = new ArrayList<>();
    /// Samples of the step that is being planned.
    private int samples;
    private long prefixHitTokens;
    private long preemptions;
    private long generatedTokens;

    public Scheduler(SchedulerSettings settings) {
        this.settings = settings;
        requestCheck = new RequestCheck(settings);
        cache = new KvCache(settings.kvBlocks(), settings.prefixCache());
        running = new RunningSequences(settings.maxSequences());
        admission = new Admission(settings, cache, running);
        inFlight = new StepsInFlight(settings.maxStepsInFlight());
    }

    /// Puts a sequence into the waiting queue, or says why not.
    public @Nullable Refusal submit(Sequence sequence) {
        Refusal refusal = requestCheck.refusal(sequence.request);
        if (refusal == null) {
            refusal = admission.enqueue(sequence);
            if (refusal != null && !running.isFull()) {
                admit();
                refusal = admission.enqueue(sequence);
            }
        }
        return refusal;
    }

    /// Ends a sequence at whatever point it is; it is told nothing any more.
    public void cancel(Sequence sequence) {
        switch (sequence.state) {
            case WAITING -> admission.remove(sequence);
            case RUNNING -> stopRunning(sequence);
            case ENDED -> {
                return;
            }
        }
        sequence.ended();
    }

    /// Plans the next step into `builder`, which is cleared first.
    ///
    /// @return its number, or 0 when there is nothing to compute now
    public long plan(StepInputBuilder builder) {
        if (inFlight.isFull()) {
            return 0;
        }
        admit();
        int decoding = decodingCount();
        boolean prefilling = isPrefilling();
        int share = DecodeShare.share(settings.stageCount(), decoding);
        if (!prefilling && (ready.isEmpty() || waitsForMore(decoding, share))) {
            return 0;
        }
        builder.clear();
        samples = 0;
        selectDecodes(Math.min(share, decodeBudget(prefilling)));
        if (prefilling) {
            secureOldest();
        }
        addDecodes(builder);
        addChunks(builder);
        cache.endStep();
        if (builder.tokenCount() == 0) {
            return 0;
        }
        return inFlight.begin(samples);
    }

    /// Takes in the tokens of the oldest step in flight. Those of sequences that were put back or cancelled meanwhile
    /// are
    /// dropped.
    ///
    /// @throws IllegalStateException when it is the output of another step or not what was asked for
    public void complete(StepOutput output) {
        inFlight.end(output.step(), output.count());
        for (int n = 0; n < output.count(); n++) {
            Sequence sequence = running.find(output.sequence(n));
            if (sequence != null && sequence.pending > 0) {
                generatedTokens++;
                boolean wasReady = mayDecode(sequence);
                FinishReason reason = sequence.append(output, n);
                if (reason == null) {
                    known(sequence);
                    if (!wasReady && mayDecode(sequence)) {
                        ready.addLast(sequence);
                    }
                } else {
                    stopRunning(sequence);
                    sequence.ended();
                    sequence.finished(reason);
                }
            }
        }
    }

    private boolean mayDecode(Sequence sequence) {
        return sequence.decoding && sequence.pending < settings.maxPending() && sequence.goesOn();
    }

    /// A token became known that a step in flight has been given: it may complete a block that others can share. No
    /// step
    /// is being planned, so nothing keeps blocks that it replaces.
    private void known(Sequence sequence) {
        if (sequence.pending > 0) {
            cache.computed(sequence.table, sequence.tokens(), sequence.knownComputed(), inFlight.next() - 1);
            cache.endStep();
        }
    }

    /// Sequences that run.
    public int runningCount() {
        return running.size();
    }

    /// Sequences in the waiting queue.
    public int waitingCount() {
        return admission.waitingCount();
    }

    /// Steps that were planned and have not come back.
    public int stepsInFlight() {
        return inFlight.count();
    }

    /// KV blocks that sequences hold.
    public int usedBlocks() {
        return cache.usedBlocks();
    }

    /// KV blocks that nobody holds and whose content can be used again.
    public int cachedBlocks() {
        return cache.cachedBlocks();
    }

    /// KV blocks without content.
    public int freeBlocks() {
        return cache.freeBlocks();
    }

    /// Tokens of prompts that were found in the prefix cache.
    public long prefixHitTokens() {
        return prefixHitTokens;
    }

    /// How often a sequence was put back because blocks ran out.
    public long preemptions() {
        return preemptions;
    }

    /// Tokens that belonged to a sequence when they came back.
    public long generatedTokens() {
        return generatedTokens;
    }

    /// Checks everything that always holds between two calls.
    ///
    /// @throws IllegalStateException when something does not
    public void check() {
        new SchedulerCheck(running, ready, admission, cache, settings).run();
    }

    private void admit() {
        prefixHitTokens += admission.admit(inFlight.next());
    }

    /// A full group is worth waiting for while there are enough microbatches to keep every stage at work.
    private boolean waitsForMore(int decoding, int share) {
        return ready.size() < share && inFlight.count() >= DecodeShare.groups(settings.stageCount(), decoding);
    }

    /// Sequences that decode and have not got their last step.
    private int decodingCount() {
        int count = 0;
        for (int i = 0; i < running.size(); i++) {
            count += running.get(i).decoding && running.get(i).goesOn() ? 1 : 0;
        }
        return count;
    }

    private boolean isPrefilling() {
        for (int i = 0; i < running.size(); i++) {
            if (!running.get(i).decoding) {
                return true;
            }
        }
        return false;
    }

    /// Prompts get a quarter of the tokens of a step at least, so that decodes do not starve them.
    private int decodeBudget(boolean prefilling) {
        return settings.batchTokens() - (prefilling ? settings.batchTokens() / 4 : 0);
    }

    private void selectDecodes(int most) {
        while (planned.size() < most && !ready.isEmpty()) {
            Sequence sequence = ready.removeFirst();
            planned.add(sequence);
            while (sequence.state == Sequence.State.RUNNING && !hasRoomForNext(sequence)) {
                preempt(running.latest());
            }
        }
    }

    /// The oldest sequence gets a block for its prompt at the cost of the others.
    private void secureOldest() {
        Sequence oldest = running.oldest();
        if (!oldest.decoding) {
            extend(oldest);
            while (!hasRoomForNext(oldest) && running.size() > 1) {
                preempt(running.latest());
            }
        }
    }

    private boolean hasRoomForNext(Sequence sequence) {
        return cache.grow(sequence.table, sequence.computed / BLOCK_TOKENS + 1);
    }

    private void preempt(Sequence victim) {
        stopRunning(victim);
        planned.remove(victim);
        victim.preempted();
        admission.putBack(victim);
        preemptions++;
    }

    private void stopRunning(Sequence sequence) {
        running.remove(sequence);
        ready.remove(sequence);
        cache.release(sequence.table);
    }

    private void addDecodes(StepInputBuilder builder) {
        for (int i = 0; i < planned.size(); i++) {
            add(builder, planned.get(i), 1);
        }
        planned.clear();
    }

    private void addChunks(StepInputBuilder builder) {
        for (int i = 0; i < running.size() && builder.tokenCount() < settings.batchTokens(); i++) {
            if (!running.get(i).decoding) {
                addChunk(builder, running.get(i));
            }
        }
    }

    /// A prompt whose next block another one computes in this very step waits: it shares that block in the next step.
    private void addChunk(StepInputBuilder builder, Sequence sequence) {
        extend(sequence);
        if (cache.isComputedBy(inFlight.next(), sequence.table, sequence.tokens(), sequence.length())) {
            return;
        }
        int room = (sequence.table.count() + cache.availableBlocks()) * BLOCK_TOKENS - sequence.computed;
        int budget = Math.min(settings.prefillChunkTokens(), settings.batchTokens() - builder.tokenCount());
        int count = chunk(sequence, Math.min(room, budget));
        if (count > 0) {
            cache.grow(sequence.table, KvCache.blocksFor(sequence.computed + count));
            add(builder, sequence, count);
        }
    }

    /// At most that many tokens, ending with a full block where possible, so that others can share it.
    private static int chunk(Sequence sequence, int most) {
        int end = sequence.computed + most;
        if (end >= sequence.length()) {
            return sequence.length() - sequence.computed;
        }
        int full = end - end % BLOCK_TOKENS - sequence.computed;
        return full > 0 ? full : most;
    }

    private void extend(Sequence sequence) {
        int found = cache.extend(sequence.table, sequence.tokens(), sequence.length(), inFlight.next());
        prefixHitTokens += sequence.reused(found);
    }

    /// The tokens are packed with the blocks as they are now; only then full ones become known and may be replaced.
    private void add(StepInputBuilder builder, Sequence sequence, int count) {
        int before = sequence.pending;
        StepPacker.add(builder, sequence, count);
        samples += sequence.pending - before;
        if (mayDecode(sequence)) {
            ready.addLast(sequence);
        }
        cache.computed(sequence.table, sequence.tokens(), sequence.knownComputed(), inFlight.next());
    }
}
