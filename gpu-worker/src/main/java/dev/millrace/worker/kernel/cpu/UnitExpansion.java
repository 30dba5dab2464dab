package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Writes the quants of a unit as a panel `[32][64] f32` of whole numbers, by addresses.
final class UnitExpansion {

    private static final int VECTOR_BYTES = Lanes.COUNT * Integer.BYTES;
    private static final int ROWS_BYTES = RowLayout.GROUP_ROWS * Integer.BYTES;
    private static final int NIBBLES = 0x0f0f0f0f;

    private UnitExpansion() {}

    static void expand(QuantLayout layout, long quants, long panel) {
        switch (layout.bits()) {
            case 8 -> bytes(quants, layout.zero(), panel);
            case 4 -> nibbles(quants, layout.zero(), panel);
            case 5 -> wide(quants, layout.zero(), 1, 0x10101010, panel);
            default -> wide(quants, layout.zero(), 2, 0x30303030, panel);
        }
    }

    private static void bytes(long quants, int zero, long panel) {
        for (int at = 0; at < 8 * ROWS_BYTES; at += VECTOR_BYTES) {
            long to = panel + 4L * (at / ROWS_BYTES) * ROWS_BYTES + at % ROWS_BYTES;
            columns(Raw.ints(quants + at), zero, to);
        }
    }

    private static void nibbles(long quants, int zero, long panel) {
        for (int at = 0; at < 4 * ROWS_BYTES; at += VECTOR_BYTES) {
            long to = panel + 8L * (at / ROWS_BYTES) * ROWS_BYTES + at % ROWS_BYTES;
            IntVector both = Raw.ints(quants + at);
            columns(both.and(NIBBLES), zero, to);
            columns(both.lanewise(VectorOperators.LSHR, 4).and(NIBBLES), zero, to + 4L * ROWS_BYTES);
        }
    }

    /// Nibbles with `own` upper bits, which are brought to where `mask` is.
    private static void wide(long quants, int zero, int own, int mask, long panel) {
        for (int at = 0; at < 4 * ROWS_BYTES; at += VECTOR_BYTES) {
            int eight = at / ROWS_BYTES;
            long to = panel + 8L * eight * ROWS_BYTES + at % ROWS_BYTES;
            IntVector both = Raw.ints(quants + at);
            int vector = eight * own / 4;
            IntVector uppers = Raw.ints(quants + (4L + vector) * ROWS_BYTES + at % ROWS_BYTES);
            // Rotating by less than a byte's width keeps what the mask lets through where it belongs.
            int shift = 2 * own * (eight % (4 / own));
            IntVector first =
                    uppers.lanewise(VectorOperators.ROL, 4 - shift & 31).and(mask);
            IntVector second =
                    uppers.lanewise(VectorOperators.ROL, 4 - shift - own & 31).and(mask);
            columns(both.and(NIBBLES).or(first), zero, to);
            columns(both.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).or(second), zero, to + 4L * ROWS_BYTES);
        }
    }

    /// The four bytes of each int to four rows of the panel.
    private static void columns(IntVector four, int zero, long to) {
        store(four.and(255), zero, to);
        store(four.lanewise(VectorOperators.LSHR, 8).and(255), zero, to + ROWS_BYTES);
        store(four.lanewise(VectorOperators.LSHR, 16).and(255), zero, to + 2L * ROWS_BYTES);
        store(four.lanewise(VectorOperators.LSHR, 24), zero, to + 3L * ROWS_BYTES);
    }

    private static void store(IntVector quants, int zero, long to) {
        Raw.set(to, (FloatVector) quants.sub(zero).convert(VectorOperators.I2F, 0));
    }
}
