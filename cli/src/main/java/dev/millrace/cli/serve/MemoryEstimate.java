package dev.millrace.cli.serve;

import dev.millrace.cli.UserError;
import java.util.Locale;

/// What a cluster will take at the most, in bytes, known before anything is started. Each worker plans its own stage
/// exactly; this is what spares the wait where it cannot fit.
///
/// @param weights of all stages
/// @param cache keys and values of all sequences at full length
/// @param processes what the processes take without weights and caches
record MemoryEstimate(long weights, long cache, long processes) {
    private static final long BYTES_PER_PROCESS = 150L << 20;
    private static final int PROCESSES_BESIDE_THE_STAGES = 2;
    /// Keys and values are kept in blocks of so many tokens; each sequence has one to spare.
    private static final long BLOCK_TOKENS = 16;
    /// Values that the bytes of a type are for.
    private static final int VALUES = 32;
    /// Where the service caps the context length of a model, unless told otherwise.
    private static final long LARGEST_DEFAULT_CONTEXT = 8192;

    static MemoryEstimate of(ModelSummary model, ServeSettings settings) {
        long context = settings.contextLength() > 0
                ? settings.contextLength()
                : Math.min(model.contextLength(), LARGEST_DEFAULT_CONTEXT);
        long blocks = (Math.ceilDiv(context, BLOCK_TOKENS) + 1) * settings.parallel();
        long bytesOfBlock =
                saturatedProduct(model.cachedElements(), settings.kvType().bytesOf32(), BLOCK_TOKENS) / VALUES;
        return new MemoryEstimate(
                model.weightsBytes() + (settings.stages() > 1 ? model.embeddingBytes() : 0),
                saturatedProduct(blocks, bytesOfBlock, 1),
                (settings.stages() + PROCESSES_BESIDE_THE_STAGES) * BYTES_PER_PROCESS);
    }

    /// Refuses where it does not fit, with the numbers.
    void checkAgainst(long availableBytes) {
        if (cache > availableBytes - weights - processes) {
            throw new UserError(
                    "too little memory: %s of weights, %s of KV cache and %s for the processes are needed, %s are available; try a smaller --ctx or --parallel, --kv-type q8_0, or a smaller model"
                            .formatted(
                                    readable(weights), readable(cache), readable(processes), readable(availableBytes)));
        }
    }

    /// `4.0 MB`, `1.35 GB`: decimal units, as file sizes are shown.
    static String readable(long bytes) {
        if (bytes >= 1_000_000_000L) {
            return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
        }
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    private static long saturatedProduct(long first, long second, long third) {
        try {
            return Math.multiplyExact(Math.multiplyExact(first, second), third);
        } catch (ArithmeticException tooLarge) {
            return Long.MAX_VALUE;
        }
    }
}
