package dev.millrace.cli.serve;

import dev.millrace.cli.device.DeviceReport;
import dev.millrace.cli.device.Place;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// What a cluster will take at the most, in bytes, known before anything is started. Each worker plans its own stage
/// exactly; this is what spares the wait where it cannot fit.
///
/// @param weights of all stages
/// @param cache keys and values of all sequences at full length
/// @param demands what is taken where: of the machine's memory first, then of each device's
record MemoryEstimate(long weights, long cache, List<MemoryDemand> demands) {
    private static final long BYTES_PER_PROCESS = 150L << 20;
    private static final int PROCESSES_BESIDE_THE_STAGES = 2;
    /// Through which weights go to a device, in the machine's memory.
    private static final long PINNED_BYTES_PER_DEVICE_STAGE = 128L << 20;
    /// What the driver and the kernels take of a device's memory for a process.
    private static final long DEVICE_BYTES_PER_PROCESS = 512L << 20;
    /// Keys and values are kept in blocks of so many tokens; each sequence has one to spare.
    private static final long BLOCK_TOKENS = 16;
    /// Values that the bytes of a type are for.
    private static final int VALUES = 32;
    /// Where the service caps the context length of a model, unless told otherwise.
    private static final long LARGEST_DEFAULT_CONTEXT = 8192;

    MemoryEstimate {
        demands = List.copyOf(demands);
    }

    static MemoryEstimate of(ModelSummary model, ServeSettings settings) {
        long context = settings.contextLength() > 0
                ? settings.contextLength()
                : Math.min(model.contextLength(), LARGEST_DEFAULT_CONTEXT);
        long blocks = (Math.ceilDiv(context, BLOCK_TOKENS) + 1) * settings.parallel();
        long bytesOfBlock =
                saturatedProduct(model.cachedElements(), settings.kvType().bytesOf32(), BLOCK_TOKENS) / VALUES;
        long weights = model.weightsBytes() + (settings.stages() > 1 ? model.embeddingBytes() : 0);
        long cache = saturatedProduct(blocks, bytesOfBlock, 1);
        List<MemoryDemand> demands = Stream.concat(
                        Stream.of(Place.CPU),
                        settings.places().stream()
                                .filter(place -> !place.isCpu())
                                .distinct()
                                .sorted())
                .map(place -> demand(place, weights, cache, settings))
                .toList();
        return new MemoryEstimate(weights, cache, demands);
    }

    private static MemoryDemand demand(Place place, long weights, long cache, ServeSettings settings) {
        int stages = settings.stages();
        int here = settings.stagesOn(place);
        long processes = place.isCpu()
                ? (stages + PROCESSES_BESIDE_THE_STAGES) * BYTES_PER_PROCESS
                        + (stages - here) * PINNED_BYTES_PER_DEVICE_STAGE
                : here * DEVICE_BYTES_PER_PROCESS;
        return new MemoryDemand(place, share(weights, here, stages), share(cache, here, stages), processes);
    }

    /// Layers are shared out evenly.
    private static long share(long bytes, int part, int whole) {
        return part == whole ? bytes : bytes / whole * part;
    }

    /// Refuses where it does not fit into what the machine has available or a device has free, with the numbers.
    void checkAgainst(long availableBytes, DeviceReport devices) {
        for (MemoryDemand demand : demands) {
            if (demand.place().isCpu()) {
                demand.checkAgainst(availableBytes);
            } else {
                devices.device(demand.place()).ifPresent(demand::checkAgainst);
            }
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
