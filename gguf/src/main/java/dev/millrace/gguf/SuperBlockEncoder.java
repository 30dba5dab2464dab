package dev.millrace.gguf;

import static dev.millrace.gguf.PlainNumbers.putByte;
import static dev.millrace.gguf.PlainNumbers.putHalf;

import java.lang.foreign.MemorySegment;

/// Quantises what [SuperBlocks] reads: 256 finite elements to a block.
final class SuperBlockEncoder {
    /// Elements below it make a block of zeros: their squares are no floats any more.
    static final float SMALLEST = 1e-15f;

    private static final int ELEMENTS = 256;
    private static final int GROUPS = 8;
    private static final int SIGNED_GROUPS = 16;
    private static final int SCALE_BYTES = 12;

    private SuperBlockEncoder() {}

    static void q4(float[] in, int at, MemorySegment data, long offset) {
        int[] codes = putGroups(in, at, 15, -1f, 20, data, offset);
        putNibbles(codes, data, offset + 4 + SCALE_BYTES);
    }

    static void q5(float[] in, int at, MemorySegment data, long offset) {
        int[] codes = putGroups(in, at, 31, -0.5f, 15, data, offset);
        long fifths = offset + 4 + SCALE_BYTES;
        for (int index = 0; index < GroupFit.ELEMENTS; index++) {
            int bits = 0;
            for (int group = 0; group < GROUPS; group++) {
                bits |= codes[group * GroupFit.ELEMENTS + index] >> 4 << group;
            }
            putByte(data, fifths + index, bits);
        }
        putNibbles(codes, data, fifths + GroupFit.ELEMENTS);
    }

    /// Writes `d`, `dmin` and the packed scales of 8 groups; gives the codes from 0 to `most`.
    private static int[] putGroups(
            float[] in, int at, int most, float widest, int steps, MemorySegment data, long offset) {
        float[] scales = new float[GROUPS];
        float[] minima = new float[GROUPS];
        GroupFit fit = new GroupFit();
        for (int group = 0; group < GROUPS; group++) {
            fit.fit(in, at + group * GroupFit.ELEMENTS, most, widest, steps);
            scales[group] = fit.scale();
            minima[group] = fit.minimum();
        }
        int[] scaleCodes = new int[GROUPS];
        int[] minimumCodes = new int[GROUPS];
        float scale = putUnit(scales, scaleCodes, data, offset);
        float minimum = putUnit(minima, minimumCodes, data, offset + 2);
        putPacked(scaleCodes, minimumCodes, data, offset + 4);
        int[] codes = new int[ELEMENTS];
        for (int index = 0; index < ELEMENTS; index++) {
            int group = index / GroupFit.ELEMENTS;
            float step = scale * scaleCodes[group];
            float shifted = in[at + index] + minimum * minimumCodes[group];
            codes[index] = step == 0 ? 0 : Math.clamp((int) Math.rint(shifted / step), 0, most);
        }
        return codes;
    }

    /// Writes the f16 unit of 8 numbers that are at least 0 and sets their 6-bit codes; gives the unit as written.
    private static float putUnit(float[] values, int[] codes, MemorySegment data, long offset) {
        float greatest = 0;
        for (float value : values) {
            greatest = Math.max(greatest, value);
        }
        putHalf(data, offset, greatest / 63);
        for (int group = 0; group < GROUPS; group++) {
            codes[group] = greatest == 0 ? 0 : Math.clamp((int) Math.rint(63 / greatest * values[group]), 0, 63);
        }
        return PlainNumbers.half(data, offset);
    }

    private static void putPacked(int[] scales, int[] minima, MemorySegment data, long offset) {
        for (int group = 0; group < 4; group++) {
            putByte(data, offset + group, scales[group] | scales[group + 4] >> 4 << 6);
            putByte(data, offset + 4 + group, minima[group] | minima[group + 4] >> 4 << 6);
            putByte(data, offset + 8 + group, (scales[group + 4] & 15) | (minima[group + 4] & 15) << 4);
        }
    }

    /// Two neighbouring groups share 32 bytes, the first in the low nibbles.
    private static void putNibbles(int[] codes, MemorySegment data, long offset) {
        for (int index = 0; index < ELEMENTS / 2; index++) {
            int low = index / GroupFit.ELEMENTS * 2 * GroupFit.ELEMENTS + index % GroupFit.ELEMENTS;
            putByte(data, offset + index, (codes[low] & 15) | (codes[low + GroupFit.ELEMENTS] & 15) << 4);
        }
    }

    static void q6(float[] in, int at, MemorySegment data, long offset) {
        float[] scales = new float[SIGNED_GROUPS];
        float farthest = 0;
        for (int group = 0; group < SIGNED_GROUPS; group++) {
            scales[group] = SignedGroupFit.scale(in, at + group * SignedGroupFit.ELEMENTS);
            farthest = Math.abs(scales[group]) > Math.abs(farthest) ? scales[group] : farthest;
        }
        putHalf(data, offset + 208, farthest / -128);
        float unit = PlainNumbers.half(data, offset + 208);
        int[] scaleCodes = new int[SIGNED_GROUPS];
        for (int group = 0; group < SIGNED_GROUPS; group++) {
            scaleCodes[group] = unit == 0 ? 0 : Math.clamp((int) Math.rint(-128 / farthest * scales[group]), -128, 127);
            putByte(data, offset + 192 + group, scaleCodes[group]);
        }
        int[] codes = new int[ELEMENTS];
        for (int index = 0; index < ELEMENTS; index++) {
            float step = unit * scaleCodes[index / SignedGroupFit.ELEMENTS];
            codes[index] = step == 0 ? 32 : Math.clamp((int) Math.rint(in[at + index] / step), -32, 31) + 32;
        }
        putSixBits(codes, data, offset);
    }

    /// The nibbles and bit pairs of codes from 0 to 63, in two halves of 128 elements in 4 runs of 32.
    private static void putSixBits(int[] codes, MemorySegment data, long offset) {
        for (int side = 0; side < 2; side++) {
            for (int index = 0; index < 32; index++) {
                int first = side * 128 + index;
                long nibbles = offset + side * 64L + index;
                putByte(data, nibbles, (codes[first] & 15) | (codes[first + 64] & 15) << 4);
                putByte(data, nibbles + 32, (codes[first + 32] & 15) | (codes[first + 96] & 15) << 4);
                int pairs = 0;
                for (int run = 0; run < 4; run++) {
                    pairs |= codes[first + run * 32] >> 4 << (2 * run);
                }
                putByte(data, offset + 128 + side * 32L + index, pairs);
            }
        }
    }
}
