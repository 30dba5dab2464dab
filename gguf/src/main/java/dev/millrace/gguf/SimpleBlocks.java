package dev.millrace.gguf;

import static dev.millrace.gguf.PlainNumbers.half;
import static dev.millrace.gguf.PlainNumbers.int32;
import static dev.millrace.gguf.PlainNumbers.signedByte;
import static dev.millrace.gguf.PlainNumbers.unsignedByte;

import java.lang.foreign.MemorySegment;

/// Blocks of 32 elements with one f16 scale `d`, and an f16 minimum `m` in the kinds named One.
///
/// Nibble `j` of the 16 bytes: the low half is element `j`, the high half element `j + 16`. In the kinds of 5 bits, bit
/// `i`
/// of a 32-bit word is the fifth bit of element `i`.
final class SimpleBlocks {
    private static final int HALF = 16;

    private SimpleBlocks() {}

    /// `d`, 32 signed bytes: `d * q`.
    static void q8Zero(MemorySegment data, long offset, float[] out, int at) {
        float scale = half(data, offset);
        for (int index = 0; index < 2 * HALF; index++) {
            out[at + index] = scale * signedByte(data, offset + 2 + index);
        }
    }

    /// `d`, 16 bytes: `d * (q - 8)`.
    static void q4Zero(MemorySegment data, long offset, float[] out, int at) {
        float scale = half(data, offset);
        for (int index = 0; index < HALF; index++) {
            int pair = unsignedByte(data, offset + 2 + index);
            out[at + index] = scale * ((pair & 15) - 8);
            out[at + index + HALF] = scale * ((pair >> 4) - 8);
        }
    }

    /// `d`, `m`, 16 bytes: `d * q + m`.
    static void q4One(MemorySegment data, long offset, float[] out, int at) {
        float scale = half(data, offset);
        float minimum = half(data, offset + 2);
        for (int index = 0; index < HALF; index++) {
            int pair = unsignedByte(data, offset + 4 + index);
            out[at + index] = scale * (pair & 15) + minimum;
            out[at + index + HALF] = scale * (pair >> 4) + minimum;
        }
    }

    /// `d`, fifth bits, 16 bytes: `d * (q - 16)`.
    static void q5Zero(MemorySegment data, long offset, float[] out, int at) {
        float scale = half(data, offset);
        int fifths = int32(data, offset + 2);
        for (int index = 0; index < HALF; index++) {
            int pair = unsignedByte(data, offset + 6 + index);
            out[at + index] = scale * (((pair & 15) | fifth(fifths, index)) - 16);
            out[at + index + HALF] = scale * (((pair >> 4) | fifth(fifths, index + HALF)) - 16);
        }
    }

    /// `d`, `m`, fifth bits, 16 bytes: `d * q + m`.
    static void q5One(MemorySegment data, long offset, float[] out, int at) {
        float scale = half(data, offset);
        float minimum = half(data, offset + 2);
        int fifths = int32(data, offset + 4);
        for (int index = 0; index < HALF; index++) {
            int pair = unsignedByte(data, offset + 8 + index);
            out[at + index] = scale * ((pair & 15) | fifth(fifths, index)) + minimum;
            out[at + index + HALF] = scale * ((pair >> 4) | fifth(fifths, index + HALF)) + minimum;
        }
    }

    private static int fifth(int bits, int index) {
        return ((bits >>> index) & 1) << 4;
    }
}
