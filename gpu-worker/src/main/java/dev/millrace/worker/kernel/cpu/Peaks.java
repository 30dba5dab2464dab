package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The highest logit of each group of 64 of the vocabulary, found while the logits are written: the likeliest token is
/// then a matter of a 64th of them.
///
/// @param values `[N][groups] f32`, negative infinity where nothing is above it
/// @param groups of the vocabulary
record Peaks(MemorySegment values, int groups) {

    /// Room for `rows` rows.
    static Peaks allocate(int rows, int vocabularySize, LongFunction<MemorySegment> memory) {
        return new Peaks(memory.apply(bytes(rows, vocabularySize)), CpuMatrix.groups(vocabularySize));
    }

    /// What [#allocate] takes.
    static long bytes(int rows, int vocabularySize) {
        return (long) Float.BYTES * rows * CpuMatrix.groups(vocabularySize);
    }

    /// Address of the first row's value of a group, 0 where there are no peaks.
    static long address(@Nullable Peaks peaks, int group) {
        return peaks == null ? 0 : peaks.values.address() + (long) Float.BYTES * group;
    }

    /// The lowest id of the highest of the logits whose peaks these are; 0 where none is above negative infinity.
    int likeliest(CpuBuffer logits, int row) {
        long peaks = values.address() + (long) Float.BYTES * groups * row;
        float highest = Float.NEGATIVE_INFINITY;
        int best = -1;
        for (int group = 0; group < groups; group++) {
            float peak = Raw.get(peaks + (long) Float.BYTES * group);
            if (peak > highest) {
                highest = peak;
                best = group;
            }
        }
        if (best < 0) {
            return 0;
        }
        int id = best * RowLayout.GROUP_ROWS;
        long first = logits.values().address() + logits.offset(row);
        while (Raw.get(first + (long) Float.BYTES * id) != highest) {
            id++;
        }
        return id;
    }
}
