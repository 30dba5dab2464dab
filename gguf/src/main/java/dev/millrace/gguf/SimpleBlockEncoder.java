package dev.millrace.gguf;

import static dev.millrace.gguf.PlainNumbers.putByte;
import static dev.millrace.gguf.PlainNumbers.putHalf;
import static dev.millrace.gguf.PlainNumbers.putInt32;

import java.lang.foreign.MemorySegment;

/// Quantises what [SimpleBlocks] reads: 32 finite elements to a block. In the kinds named Zero the element farthest
/// from
/// 0 gets the code farthest from 0; in those named One the least and the greatest element are the ends of the codes.
final class SimpleBlockEncoder {
    private static final int HALF = 16;
    private static final int ELEMENTS = 32;

    private SimpleBlockEncoder() {}

    static void q8Zero(float[] in, int at, MemorySegment data, long offset) {
        float scale = Math.abs(farthest(in, at)) / 127;
        float inverse = inverse(scale);
        putHalf(data, offset, scale);
        for (int index = 0; index < ELEMENTS; index++) {
            putByte(data, offset + 2 + index, Math.clamp(Math.round(in[at + index] * inverse), -127, 127));
        }
    }

    static void q4Zero(float[] in, int at, MemorySegment data, long offset) {
        float scale = farthest(in, at) / -8;
        putHalf(data, offset, scale);
        putNibbles(codes(in, at, 0, scale, 8.5f, 15), data, offset + 2);
    }

    static void q4One(float[] in, int at, MemorySegment data, long offset) {
        float minimum = least(in, at);
        float scale = (greatest(in, at) - minimum) / 15;
        putHalf(data, offset, scale);
        putHalf(data, offset + 2, minimum);
        putNibbles(codes(in, at, minimum, scale, 0.5f, 15), data, offset + 4);
    }

    static void q5Zero(float[] in, int at, MemorySegment data, long offset) {
        float scale = farthest(in, at) / -16;
        int[] codes = codes(in, at, 0, scale, 16.5f, 31);
        putHalf(data, offset, scale);
        putInt32(data, offset + 2, fifths(codes));
        putNibbles(codes, data, offset + 6);
    }

    static void q5One(float[] in, int at, MemorySegment data, long offset) {
        float minimum = least(in, at);
        float scale = (greatest(in, at) - minimum) / 31;
        int[] codes = codes(in, at, minimum, scale, 0.5f, 31);
        putHalf(data, offset, scale);
        putHalf(data, offset + 2, minimum);
        putInt32(data, offset + 4, fifths(codes));
        putNibbles(codes, data, offset + 8);
    }

    private static int[] codes(float[] in, int at, float minimum, float scale, float shift, int most) {
        float inverse = inverse(scale);
        int[] codes = new int[ELEMENTS];
        for (int index = 0; index < ELEMENTS; index++) {
            codes[index] = Math.clamp((int) ((in[at + index] - minimum) * inverse + shift), 0, most);
        }
        return codes;
    }

    /// 0 too where the scale is so small that the file, which has it as f16, will say 0.
    private static float inverse(float scale) {
        return Float.floatToFloat16(scale) << 1 == 0 ? 0 : 1 / scale;
    }

    private static void putNibbles(int[] codes, MemorySegment data, long offset) {
        for (int index = 0; index < HALF; index++) {
            putByte(data, offset + index, (codes[index] & 15) | (codes[index + HALF] & 15) << 4);
        }
    }

    private static int fifths(int[] codes) {
        int fifths = 0;
        for (int index = 0; index < ELEMENTS; index++) {
            fifths |= codes[index] >> 4 << index;
        }
        return fifths;
    }

    /// The element with the greatest absolute value, with its sign.
    private static float farthest(float[] in, int at) {
        float farthest = 0;
        for (int index = at; index < at + ELEMENTS; index++) {
            farthest = Math.abs(in[index]) > Math.abs(farthest) ? in[index] : farthest;
        }
        return farthest;
    }

    private static float least(float[] in, int at) {
        float least = in[at];
        for (int index = at + 1; index < at + ELEMENTS; index++) {
            least = Math.min(least, in[index]);
        }
        return least;
    }

    private static float greatest(float[] in, int at) {
        float greatest = in[at];
        for (int index = at + 1; index < at + ELEMENTS; index++) {
            greatest = Math.max(greatest, in[index]);
        }
        return greatest;
    }
}
