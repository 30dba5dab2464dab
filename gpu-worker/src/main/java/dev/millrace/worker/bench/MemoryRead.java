package dev.millrace.worker.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// How fast the machine reads memory from front to back: the floor under a decoded token, which needs all weights once.
public final class MemoryRead {

    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
    private static final int STRIDE = 4 * SPECIES.length();
    private static final int WARM_UP_RUNS = 3;

    private final List<long[]> parts = new ArrayList<>();
    private volatile long sum;

    /// `bytes` in all, an equal share for each of `threads`.
    public MemoryRead(int threads, long bytes) {
        int length = Math.toIntExact(bytes / Long.BYTES / threads / STRIDE * STRIDE);
        for (int i = 0; i < threads; i++) {
            long[] part = new long[length];
            Arrays.setAll(part, index -> index);
            parts.add(part);
        }
    }

    /// Bytes per second of the best of `runs`, all threads together: what disturbs a run is not the memory.
    public double bytesPerSecond(int runs) throws InterruptedException {
        double best = 0;
        for (int run = -WARM_UP_RUNS; run < runs; run++) {
            long startNanos = System.nanoTime();
            readAll();
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            if (run >= 0) {
                best = Math.max(best, (double) Long.BYTES * parts.size() * parts.getFirst().length / seconds);
            }
        }
        return best;
    }

    private void readAll() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (long[] part : parts.subList(1, parts.size())) {
            threads.add(Thread.ofPlatform().start(() -> sum = read(part)));
        }
        sum = read(parts.getFirst());
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static long read(long[] part) {
        int lanes = SPECIES.length();
        LongVector a = LongVector.zero(SPECIES);
        LongVector b = a;
        LongVector c = a;
        LongVector d = a;
        for (int i = 0; i < part.length; i += STRIDE) {
            a = LongVector.fromArray(SPECIES, part, i).add(a);
            b = LongVector.fromArray(SPECIES, part, i + lanes).add(b);
            c = LongVector.fromArray(SPECIES, part, i + 2 * lanes).add(c);
            d = LongVector.fromArray(SPECIES, part, i + 3 * lanes).add(d);
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
