package dev.millrace.worker.kernel;

import dev.millrace.worker.kernel.reference.ReferenceDevice;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A device with buffers that a test fills and reads, for running the same operations on several devices.
final class Rig implements AutoCloseable {

    static final StepLimits LIMITS = new StepLimits(96, 64, 8320, 520, 300);

    /// Operations with their handles, and the values they leave.
    interface Program {
        float[] run(Rig rig);
    }

    final DeviceMemory memory;
    private StepInput step;
    private @Nullable Operations operations;

    private Rig(Device device, StepLimits limits, StepInput step) {
        memory = device.allocate(limits);
        this.step = step;
    }

    /// [#LIMITS] with another type of KV blocks.
    static StepLimits limits(KvType type) {
        return new StepLimits(
                LIMITS.maxTokens(),
                LIMITS.maxSequences(),
                LIMITS.contextLength(),
                LIMITS.kvBlocks(),
                LIMITS.vocabularySize(),
                type);
    }

    static float[] onReference(StepInput step, Program program) {
        return on(new ReferenceDevice(), step, program);
    }

    static float[] on(Device device, StepInput step, Program program) {
        return on(device, LIMITS, step, program);
    }

    static float[] on(Device device, StepLimits limits, StepInput step, Program program) {
        try (device) {
            return device.thread().call(() -> {
                try (Rig rig = new Rig(device, limits, step)) {
                    return program.run(rig);
                }
            });
        }
    }

    /// The operations, with the step begun; nothing can be allocated afterwards.
    Operations operations() {
        Operations begun = operations;
        if (begun == null) {
            begun = memory.operations();
            begun.begin(step);
            operations = begun;
        }
        return begun;
    }

    /// Goes on with another step.
    void begin(StepInput next) {
        step = next;
        operations().drop();
        operations().begin(next);
    }

    void fill(DeviceBuffer buffer, float[] values) {
        operations().upload(MemorySegment.ofArray(values), buffer);
    }

    float[] read(DeviceBuffer buffer) {
        int rows = buffer.rows() == Rows.TOKENS ? step.tokenCount() : step.sampleCount();
        MemorySegment target = Arena.ofAuto().allocate(4L * rows * buffer.columns());
        operations().download(buffer, target);
        return target.toArray(ValueLayout.JAVA_FLOAT);
    }

    /// The ids of the tokens that are chosen.
    float[] sample(DeviceBuffer logits) {
        StepOutput output = new StepOutput(step.sampleCount());
        operations().sample(logits);
        operations().end();
        operations().take(output);
        float[] ids = new float[step.sampleCount()];
        for (int n = 0; n < ids.length; n++) {
            ids[n] = output.tokenId(n);
        }
        return ids;
    }

    static float[] random(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Override
    public void close() {
        memory.close();
    }
}
