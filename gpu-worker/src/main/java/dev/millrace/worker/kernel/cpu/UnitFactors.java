package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/// Scales and minimums of a unit as floats: scales of its halves `[2][64]`, of which the second is there where the
/// layout has two, then minimums `[64]`, where there are any, with their sign. By addresses.
final class UnitFactors {

    static final int MINIMUMS = 2 * RowLayout.COLUMN_BYTES;

    static final int BYTES = 3 * RowLayout.COLUMN_BYTES;

    private UnitFactors() {}

    static void fill(QuantLayout layout, long block, long unit, long target) {
        for (int row = 0; row < RowLayout.GROUP_ROWS; row += Lanes.COUNT) {
            FloatVector scale = Load.halves(Raw.MEMORY, block + 2L * row);
            if (layout.hasUnitScales()) {
                for (int half = 0; half < layout.halves(); half++) {
                    FloatVector own = Load.bytes(Raw.MEMORY, unit + (long) half * RowLayout.GROUP_ROWS + row);
                    Raw.set(target + (long) half * RowLayout.COLUMN_BYTES + 4L * row, own.mul(scale));
                }
            } else {
                Raw.set(target + 4L * row, scale);
            }
        }
        if (layout.minimum() != 0) {
            minimums(layout, block, unit, target + MINIMUMS);
        }
    }

    private static void minimums(QuantLayout layout, long block, long unit, long target) {
        for (int row = 0; row < RowLayout.GROUP_ROWS; row += Lanes.COUNT) {
            FloatVector minimum = Load.halves(Raw.MEMORY, layout.minimums(block) + 2L * row);
            if (layout.hasUnitScales()) {
                // 6 bits, so there is no sign.
                FloatVector own = Load.bytes(Raw.MEMORY, unit + RowLayout.GROUP_ROWS + row);
                Raw.set(target + 4L * row, own.mul(minimum).neg());
            } else {
                Raw.set(target + 4L * row, minimum);
            }
        }
    }
}
