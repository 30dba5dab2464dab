package dev.millrace.worker.engine;

import dev.millrace.worker.engine.ClientConnection.Arrival;
import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.Phase;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.schedule.Scheduler;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The engine of stage 0: one thread owns sequences, KV blocks and plan. Others reach it through bounded queues:
/// arrival
/// batches of clients, and the tokens of finished steps from the last stage.
public final class Engine implements AutoCloseable {

    private static final int INBOX_BATCHES = 1024;
    private static final int BATCHES_PER_TURN = 64;
    private static final int INITIAL_STEP_WORDS = 4096;
    private static final long IDLE_NANOSECONDS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    private final StageSettings settings;
    private final StageModel model;
    private final @Nullable Handover handover;
    private final StepLedger ledger;
    private final EngineStatistics statistics;
    private final EngineEnd end;
    private final EngineThread thread;
    private final Mailbox<Arrival> inbox = new Mailbox<>(INBOX_BATCHES);
    private final List<ClientConnection> clients = new CopyOnWriteArrayList<>();
    private final BufferRing<StepOutput> outputs;
    private volatile boolean ended;

    private final Scheduler scheduler;
    private final StepInputBuilder builder = new StepInputBuilder();
    /// The steps that are started; they go round.
    private final List<StepFrame> frames;

    private long started;
    private long finished;
    /// The step that is being started or finished, for the message should that fail.
    private long step;

    /// Sets up an engine that does not run yet; model, ledger and statistics are used by its thread alone until it has
    /// stopped. The model is not closed by the engine.
    ///
    /// @param handover the way to stage 1; null exactly if the pipeline has one stage
    public Engine(
            StageSettings settings,
            StageModel model,
            @Nullable Handover handover,
            StepLedger ledger,
            EngineStatistics statistics,
            FailureListener listener) {
        if (settings.stage() != 0 || settings.isLast() != (handover == null)) {
            throw new IllegalArgumentException("an engine is stage 0, and hands over unless it is the only stage");
        }
        this.settings = settings;
        this.model = model;
        this.handover = handover;
        this.ledger = ledger;
        this.statistics = statistics;
        end = new EngineEnd(settings.epoch(), listener);
        thread = new EngineThread(model.thread(), "engine-stage-0", this::run);
        outputs = new BufferRing<>(Stream.generate(() -> new StepOutput(settings.maxSequences()))
                .limit(settings.maxStepsInFlight(model.depth()))
                .toList());
        scheduler = new Scheduler(settings.scheduler(model.vocabularySize(), model.depth()));
        frames = Stream.generate(() -> new StepFrame(
                        new StepInput(INITIAL_STEP_WORDS), new Activations(settings.batchTokens(), model.hiddenSize())))
                .limit(model.depth())
                .toList();
    }

    /// Starts the engine thread.
    public void start() {
        thread.start();
    }

    /// Adds a source of sequences.
    ///
    /// @throws IllegalStateException when the engine has ended
    public EngineClient connect(ReportSink sink) {
        ClientConnection client = new ClientConnection(inbox, thread, sink, settings.epoch());
        clients.add(client);
        if (ended && client.abandon()) {
            throw new IllegalStateException("the engine of epoch " + settings.epoch() + " has ended");
        }
        return client;
    }

    /// Takes the packed tokens of a step from the last stage; the bytes are copied before it returns. Does not wait.
    /// Called by one thread at a time.
    ///
    /// @throws StepRefusedException when it is not the output of a step of this epoch; content that is broken or too
    ///     much also ends the epoch
    public void stepOutput(MemorySegment packedOutput) {
        if (ended) {
            throw new StepRefusedException("a step output came to the ended epoch " + settings.epoch(), null);
        }
        StepOutput output = outputs.nextEmpty();
        if (output == null) {
            throw refused("more step outputs came back than steps are under way", null);
        }
        try {
            output.load(packedOutput, model.vocabularySize());
        } catch (IllegalArgumentException e) {
            throw refused("a broken step output came back: " + e.getMessage(), e);
        }
        if (output.epoch() != settings.epoch()) {
            throw new StepRefusedException(
                    "a step output of epoch " + output.epoch() + " came to epoch " + settings.epoch(), null);
        }
        outputs.fill();
        thread.wake();
    }

    private StepRefusedException refused(String message, @Nullable Throwable cause) {
        StepRefusedException refusal = end.breakWith(new StepRefusedException(message, cause));
        thread.wake();
        return refusal;
    }

    private void run() {
        String reason = "the engine was stopped";
        ledger.start(Phase.SCHEDULE);
        statistics.begin();
        try {
            while (!thread.isStopping()) {
                turn();
            }
        } catch (Throwable e) { // Whatever it is, nobody would hear of it otherwise.
            reason = end.failed("step " + step + " of the first stage", e);
        } finally {
            ledger.stop();
            statistics.end();
            endClients(reason);
            model.drop();
        }
    }

    private void turn() {
        ledger.enter(Phase.SCHEDULE);
        end.check();
        boolean moreArrivals = takeArrivals();
        takeOutputs();
        long planned = started - finished < frames.size() ? scheduler.plan(builder) : 0;
        statistics.update(scheduler);
        if (planned > 0) {
            start(planned);
        }
        if (started > finished && (planned == 0 || started - finished == frames.size() || model.isOver())) {
            finish();
        } else if (planned == 0 && !moreArrivals) {
            ledger.enter(scheduler.stepsInFlight() > 0 ? Phase.WAIT_NEIGHBOUR : Phase.WAIT_WORK);
            thread.park(IDLE_NANOSECONDS);
        }
    }

    private StepFrame frame(long index) {
        return frames.get((int) (index % frames.size()));
    }

    private void start(long planned) {
        step = planned;
        StepFrame frame = frame(started);
        builder.build(settings.epoch(), planned, scheduler.stepsInFlight(), frame.input());
        ledger.enter(Phase.COMPUTE);
        RowSlot slot = handover == null ? null : handover.slot();
        frame.goesTo(slot);
        model.start(frame.input(), frame.own(), null, slot);
        ledger.step(frame.input().tokenCount());
        if (handover != null && slot != null) {
            ledger.enter(Phase.HANDOVER);
            handover.forward(frame.input(), slot);
            ledger.transfer(Direction.HANDOVER_OUT, frame.bytes());
        }
        started++;
    }

    /// Waits for the oldest step that is started.
    private void finish() {
        StepFrame frame = frame(finished);
        step = frame.input().step();
        if (frame.to() != null) {
            ledger.enter(Phase.COMPUTE);
            model.finish();
        } else if (handover != null) {
            ledger.enter(Phase.COMPUTE);
            Activations rows = handover.place(frame.own());
            model.finish(rows);
            ledger.enter(Phase.HANDOVER);
            handover.forward(frame.input(), rows);
            ledger.transfer(Direction.HANDOVER_OUT, frame.bytes());
        } else {
            StepOutput output = outputs.nextEmpty();
            if (output == null) {
                throw new IllegalStateException("the output of the step before was not taken");
            }
            ledger.enter(model.isOver() ? Phase.SAMPLE : Phase.COMPUTE);
            model.finish(output);
            outputs.fill();
        }
        finished++;
    }

    /// Takes a bounded number of batches, so that clients that send much do not keep the engine from computing.
    ///
    /// @return true when there may be more
    private boolean takeArrivals() {
        int taken = 0;
        Arrival arrival = inbox.poll();
        while (arrival != null) {
            if (!arrival.client().isOver()) {
                arrival.client().take(arrival.batch(), scheduler);
            }
            arrival = ++taken < BATCHES_PER_TURN ? inbox.poll() : null;
        }
        cancelClosedClients();
        return taken == BATCHES_PER_TURN;
    }

    private void cancelClosedClients() {
        for (int i = clients.size() - 1; i >= 0; i--) {
            ClientConnection client = clients.get(i);
            if (client.isOver()) {
                client.cancelAll(scheduler);
                clients.remove(client);
            }
        }
    }

    /// Each step has its own report; what happened between two steps goes with the next one if it is there already.
    private void takeOutputs() {
        StepOutput output = outputs.nextFull();
        while (output != null) {
            if (handover != null) {
                ledger.transfer(Direction.HANDOVER_IN, output.bytes().byteSize());
            }
            scheduler.complete(output);
            outputs.empty();
            sendReports();
            output = outputs.nextFull();
        }
        sendReports();
    }

    private void sendReports() {
        for (int i = 0; i < clients.size(); i++) {
            clients.get(i).flush();
        }
    }

    private void endClients(String reason) {
        ended = true;
        clients.forEach(client -> client.end(reason));
        clients.clear();
    }

    /// Ends the thread after the step that it is in; clients are told.
    ///
    /// @return false when the thread is still inside the model after that time; the model must not be closed then
    public boolean stop(Duration deadline) {
        boolean stopped = thread.stop(deadline);
        if (!thread.wasStarted()) {
            endClients("the engine was stopped");
        }
        return stopped;
    }

    /// Stops with a deadline of 10 s.
    @Override
    public void close() {
        stop(CLOSE_DEADLINE);
    }
}
