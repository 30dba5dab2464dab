package dev.millrace.worker.kernel;

/// Rotary positions: pair `i` of a head at position `p` is turned by `p * radiansPerPosition[i]` and scaled by
/// `magnitude`. The first `2 * radiansPerPosition.length` values of a head are rotated, the others stay.
///
/// @param radiansPerPosition the frequency of each pair, with any scaling for long contexts
/// @param magnitude 1 except for YaRN
/// @param pairs which values form a pair
public record RopeFrequencies(double[] radiansPerPosition, float magnitude, RopePairs pairs) {

    public RopeFrequencies {
        radiansPerPosition = radiansPerPosition.clone();
    }

    @Override
    public double[] radiansPerPosition() {
        return radiansPerPosition.clone();
    }

    /// Values of a head that are rotated.
    public int dimensions() {
        return 2 * radiansPerPosition.length;
    }
}
