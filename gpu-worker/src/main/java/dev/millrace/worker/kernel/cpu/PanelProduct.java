package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/// Four rows times a panel: `target[r][c] = sum over k of rows[r][k] * panel[k][c]`, all f32. Each sum runs over `k`
/// in order, one fused multiplication after another, whatever the width. Places are addresses, strides are in bytes.
///
/// C2 stops inlining where a method has grown too large, and boxes vectors there: two vectors of four rows and no more
/// work on them fit.
final class PanelProduct {

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    private PanelProduct() {}

    /// @param rows the first of four rows
    /// @param count how many `k` there are
    /// @param bytes width of the panel, whole vectors
    /// @param target the first of four rows of sums
    static void multiply(
            long rows,
            long rowStride,
            int count,
            long panel,
            long panelStride,
            int bytes,
            long target,
            long targetStride) {
        int at = 0;
        for (; at + 2 * VECTOR_BYTES <= bytes; at += 2 * VECTOR_BYTES) {
            two(rows, rowStride, count, panel + at, panelStride, target + at, targetStride);
        }
        for (; at < bytes; at += VECTOR_BYTES) {
            one(rows, rowStride, count, panel + at, panelStride, target + at, targetStride);
        }
    }

    private static void two(
            long rows, long rowStride, int count, long panel, long panelStride, long target, long targetStride) {
        FloatVector s00 = Load.zero();
        FloatVector s01 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s20 = s00;
        FloatVector s21 = s00;
        FloatVector s30 = s00;
        FloatVector s31 = s00;
        long at = panel;
        long x = rows;
        for (int k = 0; k < count; k++) {
            FloatVector p0 = Raw.floats(at);
            FloatVector p1 = Raw.floats(at + VECTOR_BYTES);
            FloatVector x0 = Raw.broadcast(x);
            s00 = p0.fma(x0, s00);
            s01 = p1.fma(x0, s01);
            FloatVector x1 = Raw.broadcast(x + rowStride);
            s10 = p0.fma(x1, s10);
            s11 = p1.fma(x1, s11);
            FloatVector x2 = Raw.broadcast(x + 2 * rowStride);
            s20 = p0.fma(x2, s20);
            s21 = p1.fma(x2, s21);
            FloatVector x3 = Raw.broadcast(x + 3 * rowStride);
            s30 = p0.fma(x3, s30);
            s31 = p1.fma(x3, s31);
            at += panelStride;
            x += Float.BYTES;
        }
        end(target, s00);
        end(target + VECTOR_BYTES, s01);
        end(target + targetStride, s10);
        end(target + targetStride + VECTOR_BYTES, s11);
        end(target + 2 * targetStride, s20);
        end(target + 2 * targetStride + VECTOR_BYTES, s21);
        end(target + 3 * targetStride, s30);
        end(target + 3 * targetStride + VECTOR_BYTES, s31);
    }

    private static void one(
            long rows, long rowStride, int count, long panel, long panelStride, long target, long targetStride) {
        FloatVector s00 = Load.zero();
        FloatVector s10 = s00;
        FloatVector s20 = s00;
        FloatVector s30 = s00;
        long at = panel;
        long x = rows;
        for (int k = 0; k < count; k++) {
            FloatVector p0 = Raw.floats(at);
            FloatVector x0 = Raw.broadcast(x);
            s00 = p0.fma(x0, s00);
            FloatVector x1 = Raw.broadcast(x + rowStride);
            s10 = p0.fma(x1, s10);
            FloatVector x2 = Raw.broadcast(x + 2 * rowStride);
            s20 = p0.fma(x2, s20);
            FloatVector x3 = Raw.broadcast(x + 3 * rowStride);
            s30 = p0.fma(x3, s30);
            at += panelStride;
            x += Float.BYTES;
        }
        end(target, s00);
        end(target + targetStride, s10);
        end(target + 2 * targetStride, s20);
        end(target + 3 * targetStride, s30);
    }

    /// A sum that a loop has carried is no receiver.
    private static void end(long at, FloatVector sum) {
        Raw.set(at, Load.zero().add(sum));
    }
}
