package dev.millrace.worker.schedule;

import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/// A model whose KV really lies in the slots that a step names and whose every token depends, layer by layer, on all KV
/// that it can see through its block table: a wrong slot, block, chunk or shared prefix gives other tokens than
/// [Oracle]. It also complains when sequences of one step touch each other's slots.
public final class FakeModel implements StageModel {

    /// Layers of the whole model.
    public static final int LAYERS = 3;

    public static final int VOCABULARY = 101;

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int NEVER_WRITTEN = -1;
    private static final int MOST_SEQUENCES = 1024;

    private final int firstLayer;
    private final int layerCount;
    private final int[][] kv;
    private final long[] writtenByStep;
    private final int[] writtenByRow;
    private final DeviceThread thread = new DeviceThread("fake-device");
    private final int depth;
    private final Queue<Started> started = new ArrayDeque<>();
    /// What was sampled last at each place.
    private final int[] ids = new int[MOST_SEQUENCES];
    private volatile boolean closed;

    /// A step that nobody has waited for yet: it is computed only then, as late as a device may be.
    private record Started(StepInput input, int[] hidden) {}

    /// The layers of one stage of several, a step at a time.
    public FakeModel(int stage, int stageCount, int kvBlocks) {
        this(stage, stageCount, kvBlocks, 1);
    }

    /// The layers of one stage of several, `depth` steps at a time.
    public FakeModel(int stage, int stageCount, int kvBlocks, int depth) {
        this.depth = depth;
        firstLayer = LAYERS * stage / stageCount;
        layerCount = LAYERS * (stage + 1) / stageCount - firstLayer;
        kv = new int[layerCount][kvBlocks * StepInput.BLOCK_TOKENS];
        for (int[] layer : kv) {
            Arrays.fill(layer, NEVER_WRITTEN);
        }
        writtenByStep = new long[kvBlocks * StepInput.BLOCK_TOKENS];
        writtenByRow = new int[kvBlocks * StepInput.BLOCK_TOKENS];
    }

    @Override
    public DeviceThread thread() {
        return thread;
    }

    @Override
    public int depth() {
        return depth;
    }

    @Override
    public void start(StepInput input, Activations activations) {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        if (started.size() == depth) {
            throw new IllegalStateException(depth + " steps are started already");
        }
        int[] hidden = new int[input.tokenCount()];
        if (firstLayer > 0) {
            MemorySegment rows = activations.rows(input.tokenCount());
            Arrays.setAll(hidden, t -> (int) rows.get(FLOAT, 8L * t));
        }
        started.add(new Started(input, hidden));
    }

    @Override
    public boolean isOver() {
        Started oldest = started.peek();
        return depth == 1 || oldest != null && oldest.input.step() % 3 == 0;
    }

    @Override
    public void finish(Activations activations) {
        Started step = started.remove();
        compute(step.input, step.hidden);
        MemorySegment rows = activations.rows(step.hidden.length);
        for (int t = 0; t < step.hidden.length; t++) {
            rows.set(FLOAT, 8L * t, step.hidden[t]);
            rows.set(FLOAT, 8L * t + 4, 0f);
        }
    }

    @Override
    public void finish(StepOutput output) {
        Started step = started.remove();
        compute(step.input, step.hidden);
        output.begin(step.input.epoch(), step.input.step());
        sample(step.input, step.hidden, output);
    }

    @Override
    public void drop() {
        started.clear();
    }

    private void compute(StepInput input, int[] hidden) {
        for (int t = 0; t < input.tokenCount(); t++) {
            claim(input, t);
            if (firstLayer == 0) {
                hidden[t] = id(input, t);
            }
        }
        for (int[] layer : kv) {
            forward(input, hidden, layer);
        }
    }

    private int id(StepInput input, int t) {
        int named = input.tokenId(t);
        return named < 0 ? ids[~named] : named;
    }

    private void claim(StepInput input, int t) {
        int slot = input.slot(t);
        if (writtenByStep[slot] == input.step()) {
            throw new IllegalStateException("slot " + slot + " is written twice in step " + input.step());
        }
        writtenByStep[slot] = input.step();
        writtenByRow[slot] = input.sequenceRow(t);
    }

    private void forward(StepInput input, int[] hidden, int[] layer) {
        for (int t = 0; t < input.tokenCount(); t++) {
            layer[input.slot(t)] = hidden[t];
        }
        for (int t = 0; t < input.tokenCount(); t++) {
            int row = input.sequenceRow(t);
            int state = Oracle.START;
            for (int position = 0; position <= input.position(t); position++) {
                state = Oracle.see(state, layer[slot(input, row, position)]);
            }
            hidden[t] = Oracle.output(state);
        }
    }

    private int slot(StepInput input, int row, int position) {
        int slot = input.block(row, position / StepInput.BLOCK_TOKENS) * StepInput.BLOCK_TOKENS
                + position % StepInput.BLOCK_TOKENS;
        if (writtenByStep[slot] == input.step() && writtenByRow[slot] != row) {
            throw new IllegalStateException("slot " + slot + " is read and written by two sequences of one step");
        }
        return slot;
    }

    private void sample(StepInput input, int[] hidden, StepOutput output) {
        for (int n = 0; n < input.sampleCount(); n++) {
            int state = Oracle.seed(hidden[input.sampleToken(n)], input.seed(n), input.samplePosition(n));
            int penalties = penalties(input, n);
            float biases = 0;
            for (int i = 0; i < input.biasCount(n); i++) {
                biases += input.biasToken(n, i) * input.biasValue(n, i);
            }
            int token = Oracle.token(state, penalties, biases);
            ids[input.samplePlace(n)] = token;
            boolean logprob = input.topLogprobs(n) >= 0;
            output.add(input.sampleSequence(n), token, logprob ? -token : Float.NaN);
            if (input.topLogprobs(n) > 0) {
                int[] top = new int[input.topLogprobs(n)];
                Arrays.setAll(top, i -> (token + i) % VOCABULARY);
                output.top(top, new float[top.length], top.length);
            }
        }
    }

    /// The token that was not known when the step was packed counts as well.
    private int penalties(StepInput input, int n) {
        int pending = input.pendingPlace(n) < 0 ? -1 : ids[input.pendingPlace(n)];
        boolean repeats = pending >= 0 && input.repeatPenalty(n) != 1f;
        int generated = pending >= 0 && (input.presencePenalty(n) != 0f || input.frequencyPenalty(n) != 0f) ? 1 : 0;
        int penalties = 0;
        for (int i = 0; i < input.penaltyCount(n); i++) {
            int id = input.penaltyToken(n, i);
            if (id == pending) {
                generated += input.penaltyGenerated(n, i);
                repeats |= input.penaltyRepeats(n, i);
            } else {
                penalties += Oracle.penalty(id, input.penaltyGenerated(n, i), input.penaltyRepeats(n, i));
            }
        }
        return generated > 0 || repeats ? penalties + Oracle.penalty(pending, generated, repeats) : penalties;
    }

    @Override
    public int hiddenSize() {
        return 2;
    }

    @Override
    public int vocabularySize() {
        return VOCABULARY;
    }

    @Override
    public void close() {
        closed = true;
        thread.close();
    }
}
