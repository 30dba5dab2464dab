package dev.millrace.worker.schedule;

import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

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

    private final int firstLayer;
    private final int layerCount;
    private final int[][] kv;
    private final long[] writtenByStep;
    private final int[] writtenByRow;
    private int[] hidden = new int[16];
    private volatile boolean closed;

    /// The layers of one stage of several.
    public FakeModel(int stage, int stageCount, int kvBlocks) {
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
    public void forward(StepInput input, Activations activations) {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        if (hidden.length < input.tokenCount()) {
            hidden = new int[input.tokenCount()];
        }
        MemorySegment rows = activations.rows(input.tokenCount());
        for (int t = 0; t < input.tokenCount(); t++) {
            claim(input, t);
            hidden[t] = firstLayer == 0 ? input.tokenId(t) : (int) rows.get(FLOAT, 8L * t);
        }
        for (int[] layer : kv) {
            forward(input, layer);
        }
        for (int t = 0; t < input.tokenCount(); t++) {
            rows.set(FLOAT, 8L * t, hidden[t]);
            rows.set(FLOAT, 8L * t + 4, 0f);
        }
    }

    private void claim(StepInput input, int t) {
        int slot = input.slot(t);
        if (writtenByStep[slot] == input.step()) {
            throw new IllegalStateException("slot " + slot + " is written twice in step " + input.step());
        }
        writtenByStep[slot] = input.step();
        writtenByRow[slot] = input.sequenceRow(t);
    }

    private void forward(StepInput input, int[] layer) {
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

    @Override
    public void sample(StepInput input, StepOutput output) {
        for (int n = 0; n < input.sampleCount(); n++) {
            int state = Oracle.seed(hidden[input.sampleToken(n)], input.seed(n), input.samplePosition(n));
            int penalties = 0;
            for (int i = 0; i < input.penaltyCount(n); i++) {
                penalties += Oracle.penalty(
                        input.penaltyToken(n, i), input.penaltyGenerated(n, i), input.penaltyRepeats(n, i));
            }
            float biases = 0;
            for (int i = 0; i < input.biasCount(n); i++) {
                biases += input.biasToken(n, i) * input.biasValue(n, i);
            }
            int token = Oracle.token(state, penalties, biases);
            boolean logprob = input.topLogprobs(n) >= 0;
            output.add(input.sampleSequence(n), token, logprob ? -token : Float.NaN);
            if (input.topLogprobs(n) > 0) {
                int[] top = new int[input.topLogprobs(n)];
                Arrays.setAll(top, i -> (token + i) % VOCABULARY);
                output.top(top, new float[top.length], top.length);
            }
        }
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
    }
}
