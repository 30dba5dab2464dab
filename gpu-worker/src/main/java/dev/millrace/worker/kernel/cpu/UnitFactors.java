package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/// What sums within a unit are multiplied with, as floats: scales `[2][64]`, of which the second is there where the
/// unit has two halves, then minimums `[64]`, where there are any. Units of K types have whole numbers, which
/// [Superblocks] scales. By addresses.
final class UnitFactors {

    static final int MINIMUMS = 2 * RowLayout.COLUMN_BYTES;

    static final int BYTES = 3 * RowLayout.COLUMN_BYTES;

    private UnitFactors() {}

    static void fill(QuantLayout layout, long block, long unit, long target) {
        for (int row = 0; row < RowLayout.GROUP_ROWS; row += Lanes.COUNT) {
            if (layout.hasUnitScales()) {
                for (int half = 0; half < layout.halves(); half++) {
                    FloatVector own = Load.bytes(Raw.MEMORY, unit + (long) half * RowLayout.GROUP_ROWS + row);
                    Raw.set(target + (long) half * RowLayout.COLUMN_BYTES + 4L * row, own);
                }
            } else {
                Raw.set(target + 4L * row, Load.halves(Raw.MEMORY, block + 2L * row));
                if (layout.minimum() != 0) {
                    Raw.set(target + MINIMUMS + 4L * row, Load.halves(Raw.MEMORY, layout.minimums(block) + 2L * row));
                }
            }
        }
    }
}
