package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What comes down of a step, by one copy: 8 bytes for each sample, lists of likeliest tokens only where somebody asks;
/// or rows for the next stage.
final class StepResults {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SampleRoom room;
    private final int vocabulary;
    private final StepLedger ledger;
    private final int[] listedIds = new int[SamplingParameters.MAX_TOP_LOGPROBS];
    private final float[] listedLogprobs = new float[SamplingParameters.MAX_TOP_LOGPROBS];

    StepResults(SampleRoom room, int vocabulary, StepLedger ledger) {
        this.room = room;
        this.vocabulary = vocabulary;
        this.ledger = ledger;
    }

    /// What the step sampled.
    void bringTokens(StepSlot slot) {
        bring(slot, room.results(), SampleRoom.resultBytes(slot.input().sampleCount(), lists(slot.input())));
    }

    private static boolean lists(StepInput input) {
        for (int n = 0; n < input.sampleCount(); n++) {
            if (input.topLogprobs(n) > 0) {
                return true;
            }
        }
        return false;
    }

    /// The step's rows of `source`.
    void bringRows(StepSlot slot, CudaBuffer source) {
        bring(slot, source.address(), (long) Float.BYTES * slot.input().tokenCount() * source.columns());
    }

    private void bring(StepSlot slot, long from, long bytes) {
        slot.copyDown(from, bytes);
        ledger.transfer(Direction.DOWNLOAD, bytes);
    }

    void write(StepSlot slot, StepOutput output) {
        StepInput input = slot.input();
        output.begin(input.epoch(), input.step());
        if (slot.resultBytes() == 0) {
            return;
        }
        MemorySegment choices = slot.result();
        for (int n = 0; n < input.sampleCount(); n++) {
            output.add(input.sampleSequence(n), id(choices, n), logprob(choices, n));
            int listed = Math.min(input.topLogprobs(n), vocabulary);
            if (listed > 0) {
                int first = input.sampleCount() + SamplingParameters.MAX_TOP_LOGPROBS * n;
                for (int i = 0; i < listed; i++) {
                    listedIds[i] = id(choices, first + i);
                    listedLogprobs[i] = logprob(choices, first + i);
                }
                output.top(listedIds, listedLogprobs, listed);
            }
        }
    }

    private static int id(MemorySegment choices, int index) {
        return choices.get(INT, (long) SampleRoom.CHOICE_BYTES * index);
    }

    private static float logprob(MemorySegment choices, int index) {
        return choices.get(FLOAT, (long) SampleRoom.CHOICE_BYTES * index + Integer.BYTES);
    }
}
