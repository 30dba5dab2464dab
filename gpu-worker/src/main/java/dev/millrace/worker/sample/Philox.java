package dev.millrace.worker.sample;

/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1,
/// 2, 3" (SC 2011): ten rounds of multiplications turn a key and a counter into random words, so a number belongs to a
/// seed and a position and not to the order of the calls.
final class Philox {

    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private Philox() {}

    /// A number in `[0, 1)` with 53 random bits, for the token at `position` of a sequence with that seed.
    static double uniform(long seed, int position) {
        return (firstWords(seed, position, 0, 0, 0) >>> 11) * 0x1p-53;
    }

    /// The first two output words, the first one in the upper half, for the key `seed` (its lower half first).
    static long firstWords(long seed, int counter0, int counter1, int counter2, int counter3) {
        int c0 = counter0;
        int c1 = counter1;
        int c2 = counter2;
        int c3 = counter3;
        int key0 = (int) seed;
        int key1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * Integer.toUnsignedLong(c0);
            long product1 = MULTIPLIER_1 * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
            c3 = (int) product0;
            key0 += WEYL_0;
            key1 += WEYL_1;
        }
        return (long) c0 << 32 | Integer.toUnsignedLong(c1);
    }
}
