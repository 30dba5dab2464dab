package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.step.StepInput;

/// Cosines and sines of the current step's positions, worked out once per step.
final class CpuRopeTable implements RopeTable {

    private final double[] radiansPerPosition;
    private final float magnitude;
    private final RopePairs pairs;
    private final float[] cosines;
    private final float[] sines;
    private long filledStep;

    CpuRopeTable(double[] radiansPerPosition, float magnitude, RopePairs pairs, int maxTokens) {
        this.radiansPerPosition = radiansPerPosition;
        this.magnitude = magnitude;
        this.pairs = pairs;
        cosines = new float[maxTokens * radiansPerPosition.length];
        sines = new float[maxTokens * radiansPerPosition.length];
    }

    static long bytes(int dimensions, int maxTokens) {
        return (long) Float.BYTES * dimensions * maxTokens;
    }

    RopePairs pairs() {
        return pairs;
    }

    /// Pairs of a head.
    int size() {
        return radiansPerPosition.length;
    }

    /// Cosines `[T, pairs]`.
    float[] cosines() {
        return cosines;
    }

    /// Sines `[T, pairs]`.
    float[] sines() {
        return sines;
    }

    /// Fills the table for `step`, once: steps are numbered from 1 as they come.
    void fill(StepInput step, long stepNumber) {
        if (filledStep == stepNumber) {
            return;
        }
        filledStep = stepNumber;
        for (int t = 0; t < step.tokenCount(); t++) {
            for (int i = 0; i < radiansPerPosition.length; i++) {
                double angle = step.position(t) * radiansPerPosition[i];
                cosines[t * radiansPerPosition.length + i] = (float) (Math.cos(angle) * magnitude);
                sines[t * radiansPerPosition.length + i] = (float) (Math.sin(angle) * magnitude);
            }
        }
    }
}
