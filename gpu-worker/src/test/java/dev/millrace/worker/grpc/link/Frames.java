package dev.millrace.worker.grpc.link;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Steps and frames to try links with.
final class Frames {

    static final int HIDDEN_SIZE = 8;

    private Frames() {}

    /// A step of one sequence with `tokens` prompt tokens.
    static StepInput step(long epoch, long step, int tokens) {
        int[] ids = new int[tokens];
        int[] blocks = new int[tokens / StepInput.BLOCK_TOKENS + 1];
        for (int i = 0; i < tokens; i++) {
            ids[i] = i % 100;
        }
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = i;
        }
        StepInputBuilder builder = new StepInputBuilder();
        builder.sequence(ids, 0, tokens, blocks);
        builder.sample(7, 0, SamplingParameters.GREEDY);
        StepInput input = new StepInput(16);
        builder.build(epoch, step, input);
        return input;
    }

    static Activations activations(int tokens, float first) {
        Activations activations = new Activations(tokens, HIDDEN_SIZE);
        MemorySegment rows = activations.rows(tokens);
        for (int i = 0; i < tokens * HIDDEN_SIZE; i++) {
            rows.setAtIndex(ValueLayout.JAVA_FLOAT, i, first + i);
        }
        return activations;
    }

    static StepOutput output(long epoch, long step, int tokenId) {
        StepOutput output = new StepOutput(4);
        output.begin(epoch, step);
        output.add(7, tokenId, Float.NaN);
        return output;
    }

    static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    static byte[] drained(OutgoingFrame frame) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frame.drainTo(out);
        return out.toByteArray();
    }
}
