package dev.millrace.worker.kernel.cpu;

import static dev.millrace.worker.kernel.cpu.NativeLibrary.INT;
import static dev.millrace.worker.kernel.cpu.NativeLibrary.LONG;

import java.lang.invoke.MethodHandle;

/// The inner part of attention in C, through [NativeLibrary]: of f16 and f32 it gives
/// the same bits as [AttentionKernel] in Java; scales of bytes it multiplies with sums, so those bits are its own.
final class NativeAttention {

    private static final MethodHandle ATTENTION = NativeLibrary.function(
            "millrace_attention", INT, INT, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

    private NativeAttention() {}

    /// Adds the run of positions from `first` on to the states of `rows` rows; everything else by address, as
    /// attention.c has it.
    ///
    /// @param level of CPU features, 1 at least
    /// @param valueBytes what a value of KV takes
    /// @param keys those of block 0 of the KV head, as are `values`
    /// @param blocks numbers of the run's blocks, and from the 16th on of `ahead` that are needed next
    static void run(
            int level,
            int valueBytes,
            long keys,
            long values,
            long blocks,
            long ahead,
            long first,
            long headSize,
            long rows,
            long lengths,
            long queries,
            long scores,
            long states,
            long panel) {
        try {
            ATTENTION.invokeExact(
                    level,
                    valueBytes,
                    keys,
                    values,
                    blocks,
                    ahead,
                    first,
                    headSize,
                    rows,
                    lengths,
                    queries,
                    scores,
                    states,
                    panel);
        } catch (Throwable e) {
            throw NativeLibrary.failure(e);
        }
    }
}
