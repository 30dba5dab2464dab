package dev.millrace.gguf;

import java.util.Arrays;
import java.util.stream.Collectors;

/// 1 to 4 sizes, row length first, whose product fits a long.
final class Dimensions {
    static final int MOST = 4;

    private final long[] sizes;

    Dimensions(long[] sizes) {
        this.sizes = sizes;
    }

    long[] sizes() {
        return sizes.clone();
    }

    long columns() {
        return sizes[0];
    }

    /// How many rows of [#columns] there are.
    long rows() {
        long rows = 1;
        for (int index = 1; index < sizes.length; index++) {
            rows = Math.multiplyExact(rows, sizes[index]);
        }
        return rows;
    }

    @Override
    public String toString() {
        return Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining(" x ", "[", "]"));
    }
}
