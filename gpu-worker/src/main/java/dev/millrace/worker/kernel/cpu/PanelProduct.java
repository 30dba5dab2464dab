package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Four rows times a panel: `target[r][c] (+)= sum over k of rows[r][k] * panel[k][c]`, all f32 in one scratch. Each
/// sum runs over `k` in order, one fused multiplication after another, whatever the width; so it goes on bit for bit
/// where an earlier product ended. The places of rows and targets are in bytes, and where there are fewer than four
/// rows, the last one is given again.
final class PanelProduct {

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;
    /// 16 sums need more registers than 256-bit vectors have.
    private static final boolean MANY_REGISTERS = Lanes.COUNT != 8;

    private PanelProduct() {}

    /// @param count how many `k` there are
    /// @param stride bytes from one row of the panel to the next
    /// @param bytes width of the panel, whole vectors
    /// @param adds true to go on from what stands in the targets
    static void multiply(
            MemorySegment scratch,
            long r0,
            long r1,
            long r2,
            long r3,
            int count,
            long panel,
            int stride,
            int bytes,
            long t0,
            long t1,
            long t2,
            long t3,
            boolean adds) {
        int at = 0;
        if (MANY_REGISTERS) {
            for (; at + 4 * VECTOR_BYTES <= bytes; at += 4 * VECTOR_BYTES) {
                four(scratch, r0, r1, r2, r3, count, panel + at, stride, t0 + at, t1 + at, t2 + at, t3 + at, adds);
            }
        }
        for (; at + 2 * VECTOR_BYTES <= bytes; at += 2 * VECTOR_BYTES) {
            two(scratch, r0, r1, r2, r3, count, panel + at, stride, t0 + at, t1 + at, t2 + at, t3 + at, adds);
        }
        for (; at < bytes; at += VECTOR_BYTES) {
            one(scratch, r0, r1, r2, r3, count, panel + at, stride, t0 + at, t1 + at, t2 + at, t3 + at, adds);
        }
    }

    private static void four(
            MemorySegment scratch,
            long r0,
            long r1,
            long r2,
            long r3,
            int count,
            long panel,
            int stride,
            long t0,
            long t1,
            long t2,
            long t3,
            boolean adds) {
        FloatVector s00 = start(scratch, t0, adds);
        FloatVector s01 = start(scratch, t0 + VECTOR_BYTES, adds);
        FloatVector s02 = start(scratch, t0 + 2 * VECTOR_BYTES, adds);
        FloatVector s03 = start(scratch, t0 + 3 * VECTOR_BYTES, adds);
        FloatVector s10 = start(scratch, t1, adds);
        FloatVector s11 = start(scratch, t1 + VECTOR_BYTES, adds);
        FloatVector s12 = start(scratch, t1 + 2 * VECTOR_BYTES, adds);
        FloatVector s13 = start(scratch, t1 + 3 * VECTOR_BYTES, adds);
        FloatVector s20 = start(scratch, t2, adds);
        FloatVector s21 = start(scratch, t2 + VECTOR_BYTES, adds);
        FloatVector s22 = start(scratch, t2 + 2 * VECTOR_BYTES, adds);
        FloatVector s23 = start(scratch, t2 + 3 * VECTOR_BYTES, adds);
        FloatVector s30 = start(scratch, t3, adds);
        FloatVector s31 = start(scratch, t3 + VECTOR_BYTES, adds);
        FloatVector s32 = start(scratch, t3 + 2 * VECTOR_BYTES, adds);
        FloatVector s33 = start(scratch, t3 + 3 * VECTOR_BYTES, adds);
        for (int k = 0; k < count; k++) {
            long at = panel + (long) stride * k;
            FloatVector p0 = Load.floats(scratch, at);
            FloatVector p1 = Load.floats(scratch, at + VECTOR_BYTES);
            FloatVector p2 = Load.floats(scratch, at + 2 * VECTOR_BYTES);
            FloatVector p3 = Load.floats(scratch, at + 3 * VECTOR_BYTES);
            FloatVector x0 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r0 + 4L * k));
            s00 = p0.fma(x0, s00);
            s01 = p1.fma(x0, s01);
            s02 = p2.fma(x0, s02);
            s03 = p3.fma(x0, s03);
            FloatVector x1 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r1 + 4L * k));
            s10 = p0.fma(x1, s10);
            s11 = p1.fma(x1, s11);
            s12 = p2.fma(x1, s12);
            s13 = p3.fma(x1, s13);
            FloatVector x2 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r2 + 4L * k));
            s20 = p0.fma(x2, s20);
            s21 = p1.fma(x2, s21);
            s22 = p2.fma(x2, s22);
            s23 = p3.fma(x2, s23);
            FloatVector x3 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r3 + 4L * k));
            s30 = p0.fma(x3, s30);
            s31 = p1.fma(x3, s31);
            s32 = p2.fma(x3, s32);
            s33 = p3.fma(x3, s33);
        }
        end(scratch, t0, s00);
        end(scratch, t0 + VECTOR_BYTES, s01);
        end(scratch, t0 + 2 * VECTOR_BYTES, s02);
        end(scratch, t0 + 3 * VECTOR_BYTES, s03);
        end(scratch, t1, s10);
        end(scratch, t1 + VECTOR_BYTES, s11);
        end(scratch, t1 + 2 * VECTOR_BYTES, s12);
        end(scratch, t1 + 3 * VECTOR_BYTES, s13);
        end(scratch, t2, s20);
        end(scratch, t2 + VECTOR_BYTES, s21);
        end(scratch, t2 + 2 * VECTOR_BYTES, s22);
        end(scratch, t2 + 3 * VECTOR_BYTES, s23);
        end(scratch, t3, s30);
        end(scratch, t3 + VECTOR_BYTES, s31);
        end(scratch, t3 + 2 * VECTOR_BYTES, s32);
        end(scratch, t3 + 3 * VECTOR_BYTES, s33);
    }

    private static void two(
            MemorySegment scratch,
            long r0,
            long r1,
            long r2,
            long r3,
            int count,
            long panel,
            int stride,
            long t0,
            long t1,
            long t2,
            long t3,
            boolean adds) {
        FloatVector s00 = start(scratch, t0, adds);
        FloatVector s01 = start(scratch, t0 + VECTOR_BYTES, adds);
        FloatVector s10 = start(scratch, t1, adds);
        FloatVector s11 = start(scratch, t1 + VECTOR_BYTES, adds);
        FloatVector s20 = start(scratch, t2, adds);
        FloatVector s21 = start(scratch, t2 + VECTOR_BYTES, adds);
        FloatVector s30 = start(scratch, t3, adds);
        FloatVector s31 = start(scratch, t3 + VECTOR_BYTES, adds);
        for (int k = 0; k < count; k++) {
            long at = panel + (long) stride * k;
            FloatVector p0 = Load.floats(scratch, at);
            FloatVector p1 = Load.floats(scratch, at + VECTOR_BYTES);
            FloatVector x0 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r0 + 4L * k));
            s00 = p0.fma(x0, s00);
            s01 = p1.fma(x0, s01);
            FloatVector x1 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r1 + 4L * k));
            s10 = p0.fma(x1, s10);
            s11 = p1.fma(x1, s11);
            FloatVector x2 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r2 + 4L * k));
            s20 = p0.fma(x2, s20);
            s21 = p1.fma(x2, s21);
            FloatVector x3 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r3 + 4L * k));
            s30 = p0.fma(x3, s30);
            s31 = p1.fma(x3, s31);
        }
        end(scratch, t0, s00);
        end(scratch, t0 + VECTOR_BYTES, s01);
        end(scratch, t1, s10);
        end(scratch, t1 + VECTOR_BYTES, s11);
        end(scratch, t2, s20);
        end(scratch, t2 + VECTOR_BYTES, s21);
        end(scratch, t3, s30);
        end(scratch, t3 + VECTOR_BYTES, s31);
    }

    private static void one(
            MemorySegment scratch,
            long r0,
            long r1,
            long r2,
            long r3,
            int count,
            long panel,
            int stride,
            long t0,
            long t1,
            long t2,
            long t3,
            boolean adds) {
        FloatVector s00 = start(scratch, t0, adds);
        FloatVector s10 = start(scratch, t1, adds);
        FloatVector s20 = start(scratch, t2, adds);
        FloatVector s30 = start(scratch, t3, adds);
        for (int k = 0; k < count; k++) {
            long at = panel + (long) stride * k;
            FloatVector p0 = Load.floats(scratch, at);
            FloatVector x0 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r0 + 4L * k));
            s00 = p0.fma(x0, s00);
            FloatVector x1 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r1 + 4L * k));
            s10 = p0.fma(x1, s10);
            FloatVector x2 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r2 + 4L * k));
            s20 = p0.fma(x2, s20);
            FloatVector x3 = Load.broadcast(scratch.get(CpuBuffer.FLOAT, r3 + 4L * k));
            s30 = p0.fma(x3, s30);
        }
        end(scratch, t0, s00);
        end(scratch, t1, s10);
        end(scratch, t2, s20);
        end(scratch, t3, s30);
    }

    private static FloatVector start(MemorySegment scratch, long at, boolean adds) {
        return adds ? Load.floats(scratch, at) : Load.zero();
    }

    private static void end(MemorySegment scratch, long at, FloatVector sum) {
        Load.zero().add(sum).intoMemorySegment(scratch, at, Lanes.ORDER);
    }
}
