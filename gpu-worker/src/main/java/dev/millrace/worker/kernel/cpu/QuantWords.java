package dev.millrace.worker.kernel.cpu;

/// Quants of one row on their way from the file's order to that of [QuantLayout], four columns in an int at a time; a
/// loop over single quants would take longer than reading the file.
final class QuantWords {

    private static final int NIBBLES = 0x0f0f0f0f;
    private static final int BITS = 0x01010101;
    private static final int PAIRS = 0x03030303;
    /// Times four bits these are four bytes of a bit each, below [#BITS].
    private static final int SPREAD = 0x00204081;
    private static final int ROWS = RowLayout.GROUP_ROWS;

    /// What the file has, of one row. Blocks of all types have an even number of bytes, not all a multiple of four.
    private final short[] file;
    /// `[unit][bits][64 rows]`
    private final int[] packed;

    QuantWords(short[] file, int[] packed) {
        this.file = file;
        this.packed = packed;
    }

    private int word(int at) {
        return file[at] & 0xffff | file[at + 1] << 16;
    }

    int octet(int at, int index) {
        return file[at + index / 2] >> 8 * (index % 2) & 0xff;
    }

    /// A unit of 32 bytes with sign, which lose it.
    void octets(int at, int to) {
        for (int i = 0; i < 8; i++) {
            packed[to + ROWS * i] = word(at + 2 * i) ^ 0x80808080;
        }
    }

    /// A unit in 16 bytes: the first 16 columns are the lower halves.
    void nibbles(int at, int to) {
        for (int i = 0; i < 2; i++) {
            int first = word(at + 4 * i);
            int second = word(at + 4 * i + 2);
            packed[to + ROWS * i] = first & NIBBLES | (second & NIBBLES) << 4;
            packed[to + ROWS * (i + 2)] = first >>> 4 & NIBBLES | second & NIBBLES << 4;
        }
    }

    /// A unit in the lower halves of 32 bytes, or with a shift of 4 in the upper ones.
    void nibbles(int at, int shift, int to) {
        for (int i = 0; i < 4; i++) {
            int first = word(at + 4 * i) >>> shift & NIBBLES;
            int second = word(at + 4 * i + 2) >>> shift & NIBBLES;
            packed[to + ROWS * i] = first | second << 4;
        }
    }

    /// The fifth bits of a unit, a bit for each column in turn.
    void fifths(int at, int to) {
        int columns = word(at);
        int gathered = 0;
        for (int i = 0; i < 8; i++) {
            gathered |= ((columns >>> 4 * i & 15) * SPREAD & BITS) << i;
        }
        packed[to + 4 * ROWS] = gathered;
    }

    /// The fifth bits of a unit, all at the same place of 32 bytes.
    void fifths(int at, int shift, int to) {
        int gathered = 0;
        for (int i = 0; i < 8; i++) {
            gathered |= (word(at + 2 * i) >>> shift & BITS) << i;
        }
        packed[to + 4 * ROWS] = gathered;
    }

    /// The fifth and sixth bits of a unit, all at the same place of 32 bytes.
    void sixths(int at, int shift, int to) {
        for (int half = 0; half < 2; half++) {
            int gathered = 0;
            for (int i = 0; i < 4; i++) {
                gathered |= (word(at + 8 * half + 2 * i) >>> shift & PAIRS) << 2 * i;
            }
            packed[to + (4 + half) * ROWS] = gathered;
        }
    }
}
