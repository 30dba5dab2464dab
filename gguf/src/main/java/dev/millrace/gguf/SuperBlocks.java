package dev.millrace.gguf;

import static dev.millrace.gguf.PlainNumbers.half;
import static dev.millrace.gguf.PlainNumbers.signedByte;
import static dev.millrace.gguf.PlainNumbers.unsignedByte;

import java.lang.foreign.MemorySegment;

/// The K formats: blocks of 256 elements in groups that have a small scale of their own.
final class SuperBlocks {
    private static final int SCALE_BYTES = 12;

    private SuperBlocks() {}

    /// `d`, `dmin`, 12 bytes of packed scales, 128 bytes: 8 groups of 32, `d * scale * q - dmin * minimum`.
    /// Two neighbouring groups share 32 bytes, the first in the low nibbles.
    static void q4(MemorySegment data, long offset, float[] out, int at) {
        long nibbles = offset + 4 + SCALE_BYTES;
        for (int group = 0; group < 8; group++) {
            float scale = half(data, offset) * groupScale(data, offset + 4, group);
            float minimum = half(data, offset + 2) * groupMinimum(data, offset + 4, group);
            for (int index = 0; index < 32; index++) {
                int low = nibble(data, nibbles + group / 2 * 32L + index, group);
                out[at + group * 32 + index] = scale * low - minimum;
            }
        }
    }

    /// As [#q4] with 32 bytes of fifth bits before the nibbles: bit `group` of byte `index`.
    static void q5(MemorySegment data, long offset, float[] out, int at) {
        long fifths = offset + 4 + SCALE_BYTES;
        long nibbles = fifths + 32;
        for (int group = 0; group < 8; group++) {
            float scale = half(data, offset) * groupScale(data, offset + 4, group);
            float minimum = half(data, offset + 2) * groupMinimum(data, offset + 4, group);
            for (int index = 0; index < 32; index++) {
                int low = nibble(data, nibbles + group / 2 * 32L + index, group);
                int fifth = ((unsignedByte(data, fifths + index) >> group) & 1) << 4;
                out[at + group * 32 + index] = scale * (low | fifth) - minimum;
            }
        }
    }

    /// 128 bytes of low nibbles, 64 bytes of upper bit pairs, 16 signed scales, `d`: 16 groups of 16,
    /// `d * scale * (q - 32)`. Each half of the block (128 elements in 4 runs of 32) has 64 bytes of nibbles, where
    /// runs 0
    /// and 1 are the low ones and 2 and 3 the high ones, and 32 bytes of bit pairs, run 0 lowest.
    static void q6(MemorySegment data, long offset, float[] out, int at) {
        float unit = half(data, offset + 208);
        for (int element = 0; element < 256; element++) {
            int side = element / 128;
            int run = element % 128 / 32;
            int index = element % 32;
            int low = nibble(data, offset + side * 64L + run % 2 * 32L + index, run / 2);
            int upper = (unsignedByte(data, offset + 128 + side * 32L + index) >> (2 * run)) & 3;
            float scale = unit * signedByte(data, offset + 192 + element / 16);
            out[at + element] = scale * ((low | (upper << 4)) - 32);
        }
    }

    /// The low nibble of a byte for an even `parity`, the high one for an odd.
    private static int nibble(MemorySegment data, long offset, int parity) {
        int pair = unsignedByte(data, offset);
        return parity % 2 == 0 ? pair & 15 : pair >> 4;
    }

    /// 6 bits: of groups 0 to 3 in the bytes 0 to 3; of the others 4 bits low in the bytes 8 to 11 and 2 high in 0 to
    /// 3.
    private static int groupScale(MemorySegment data, long packed, int group) {
        return group < 4
                ? unsignedByte(data, packed + group) & 63
                : (unsignedByte(data, packed + group + 4) & 15) | (unsignedByte(data, packed + group - 4) >> 6 << 4);
    }

    /// 6 bits: of groups 0 to 3 in the bytes 4 to 7; of the others the upper nibbles of 8 to 11 and 2 high in 4 to 7.
    private static int groupMinimum(MemorySegment data, long packed, int group) {
        return group < 4
                ? unsignedByte(data, packed + group + 4) & 63
                : (unsignedByte(data, packed + group + 4) >> 4) | (unsignedByte(data, packed + group) >> 6 << 4);
    }
}
