package dev.millrace.worker.engine;

import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.Phase;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.HeldRows;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A stage after the first: one thread computes the steps that the stage before hands over, in their order.
public final class StageRunner implements AutoCloseable {

    private static final int INITIAL_STEP_WORDS = 4096;
    /// A neighbour takes about as long for a step as this stage. After this many times that, and at least this long,
    /// without a step the pipeline is taken to have no work.
    private static final int PATIENCE_STEPS = 8;

    private static final long PATIENCE_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long IDLE_NANOSECONDS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    private final StageSettings settings;
    private final StageModel model;
    private final StepLimits limits;
    private final @Nullable Handover next;
    private final @Nullable OutputSink first;
    private final StepLedger ledger;
    private final EngineEnd end;
    private final EngineThread thread;
    private final BufferRing<StepFrame> frames;
    private final StepOutput output;
    private volatile boolean ended;

    /// The number of the step that arrives next; belongs to the thread that calls [#step].
    private long expectedStep = 1;

    /// Steps that are started and not finished; this and what follows belongs to the stage's thread.
    private int started;

    /// The step that is being started or finished, for the message should that fail.
    private long step;

    /// Since when, by `System.nanoTime`, the oldest step that is started has been computed.
    private long busySince;

    /// Until then, by `System.nanoTime`, the stage before is taken to be at work.
    private long patientUntil;

    private StageRunner(
            StageSettings settings,
            StageModel model,
            @Nullable Handover next,
            @Nullable OutputSink first,
            StepLedger ledger,
            FailureListener listener) {
        if (settings.stage() == 0 || settings.isLast() != (first != null)) {
            throw new IllegalArgumentException("stage " + settings.stage() + " of " + settings.stageCount()
                    + " does not stand where its runner was made for");
        }
        this.settings = settings;
        this.model = model;
        limits = settings.limits(model.vocabularySize());
        this.next = next;
        this.first = first;
        this.ledger = ledger;
        end = new EngineEnd(settings.epoch(), listener);
        thread = new EngineThread(model.thread(), "engine-stage-" + settings.stage(), this::run);
        frames = new BufferRing<>(Stream.generate(() -> new StepFrame(
                        new StepInput(INITIAL_STEP_WORDS), new Activations(settings.batchTokens(), model.hiddenSize())))
                .limit(settings.maxStepsHeld())
                .toList());
        output = new StepOutput(settings.maxSequences());
    }

    /// A stage between the first and the last; it does not run yet. The model is not closed by the runner.
    public static StageRunner middle(
            StageSettings settings, StageModel model, Handover next, StepLedger ledger, FailureListener listener) {
        return new StageRunner(settings, model, next, null, ledger, listener);
    }

    /// The last of several stages: it samples and returns the tokens to stage 0.
    public static StageRunner last(
            StageSettings settings, StageModel model, OutputSink first, StepLedger ledger, FailureListener listener) {
        return new StageRunner(settings, model, null, first, ledger, listener);
    }

    /// Starts the thread.
    public void start() {
        thread.start();
    }

    /// Takes a step from the stage before: the packed step, and its activations `[T, H] f32` little-endian. Both are
    /// checked and copied before it returns. Does not wait. Called by one thread at a time.
    ///
    /// @throws StepRefusedException when it is not the next step of this epoch; except for a step of another epoch,
    /// that
    ///     ends the epoch here
    public void step(MemorySegment packedInput, MemorySegment activations) {
        StepFrame frame = load(packedInput);
        MemorySegment rows = frame.own().rows(frame.input().tokenCount());
        if (activations.byteSize() != rows.byteSize()) {
            throw refused(
                    "step " + expectedStep + " of " + frame.input().tokenCount() + " tokens came with "
                            + activations.byteSize() + " bytes of activations instead of " + rows.byteSize(),
                    null);
        }
        rows.copyFrom(activations);
        arrived();
    }

    /// As [#step], but the activations are read where they are when the step begins here, and released then. There is
    /// room for every step of this stage.
    public void step(MemorySegment packedInput, HeldRows activations) {
        StepFrame frame = load(packedInput);
        frame.hold(activations);
        arrived();
    }

    /// As [#step], with activations that are, or will be, in a slot of this stage's device.
    public void step(MemorySegment packedInput, RowSlot activations) {
        StepFrame frame = load(packedInput);
        frame.comesFrom(activations);
        arrived();
    }

    private StepFrame load(MemorySegment packedInput) {
        if (ended) {
            throw new StepRefusedException("a step came to the ended epoch " + settings.epoch(), null);
        }
        StepFrame frame = frames.nextEmpty();
        if (frame == null) {
            throw refused("more than " + settings.maxStepsHeld() + " steps came at once", null);
        }
        StepInput input = frame.input();
        try {
            input.load(packedInput, limits);
        } catch (IllegalArgumentException e) {
            throw refused("a broken step came: " + e.getMessage(), e);
        }
        if (input.epoch() != settings.epoch()) {
            throw new StepRefusedException(
                    "a step of epoch " + input.epoch() + " came to epoch " + settings.epoch(), null);
        }
        if (input.step() != expectedStep) {
            throw refused("step " + input.step() + " came when step " + expectedStep + " was due", null);
        }
        return frame;
    }

    private void arrived() {
        expectedStep++;
        frames.fill();
        thread.wake();
    }

    private StepRefusedException refused(String message, @Nullable Throwable cause) {
        StepRefusedException refusal = end.breakWith(new StepRefusedException(message, cause));
        thread.wake();
        return refusal;
    }

    private void run() {
        ledger.start(Phase.WAIT_WORK);
        patientUntil = System.nanoTime();
        try {
            while (!thread.isStopping()) {
                end.check();
                turn();
            }
        } catch (Throwable e) { // Whatever it is, nobody would hear of it otherwise.
            end.failed("step " + step + " of stage " + settings.stage(), e);
        } finally {
            ended = true;
            ledger.stop();
            model.drop();
        }
    }

    /// Starts the next step if it is there and the device takes it, else waits for the oldest one started.
    private void turn() {
        StepFrame next = started < model.depth() ? frames.nextFull(started) : null;
        StepFrame oldest = frames.nextFull();
        if (next != null) {
            start(next);
        } else if (started > 0 && oldest != null) {
            finish(oldest);
            frames.empty();
        } else {
            await();
        }
    }

    private void start(StepFrame frame) {
        if (started == 0) {
            busySince = System.nanoTime();
        }
        step = frame.input().step();
        ledger.enter(Phase.COMPUTE);
        ledger.transfer(Direction.HANDOVER_IN, frame.bytes());
        RowSlot slot = next == null ? null : next.slot();
        frame.goesTo(slot);
        model.start(frame.input(), frame.rows(), frame.takeFrom(), slot);
        frame.release();
        ledger.step(frame.input().tokenCount());
        if (next != null && slot != null) {
            ledger.enter(Phase.HANDOVER);
            next.forward(frame.input(), slot);
            ledger.transfer(Direction.HANDOVER_OUT, frame.bytes());
        }
        started++;
    }

    private void finish(StepFrame frame) {
        step = frame.input().step();
        if (first != null) {
            ledger.enter(model.isOver() ? Phase.SAMPLE : Phase.COMPUTE);
            model.finish(output);
            ledger.enter(Phase.HANDOVER);
            first.returned(output);
            ledger.transfer(Direction.HANDOVER_OUT, output.bytes().byteSize());
        } else if (frame.to() != null) {
            ledger.enter(Phase.COMPUTE);
            model.finish();
        } else if (next != null) {
            ledger.enter(Phase.COMPUTE);
            Activations rows = next.place(frame.own());
            model.finish(rows);
            ledger.enter(Phase.HANDOVER);
            next.forward(frame.input(), rows);
            ledger.transfer(Direction.HANDOVER_OUT, frame.bytes());
        }
        started--;
        long now = System.nanoTime();
        patientUntil = now + Math.max(PATIENCE_NANOSECONDS, PATIENCE_STEPS * (now - busySince));
        busySince = now;
    }

    /// Whether the pipeline has work is known to stage 0 alone; here it is judged by how long nothing has come.
    private void await() {
        long patience = patientUntil - System.nanoTime();
        ledger.enter(patience > 0 ? Phase.WAIT_NEIGHBOUR : Phase.WAIT_WORK);
        thread.park(patience > 0 ? patience : IDLE_NANOSECONDS);
    }

    /// Ends the thread after the step that it is in.
    ///
    /// @return false when the thread is still inside the model after that time; the model must not be closed then
    public boolean stop(Duration deadline) {
        boolean stopped = thread.stop(deadline);
        if (stopped) {
            ended = true;
        }
        return stopped;
    }

    /// Stops with a deadline of 10 s.
    @Override
    public void close() {
        stop(CLOSE_DEADLINE);
    }
}
