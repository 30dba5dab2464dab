package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The operations on the KV caches of a stage.
final class CudaCaches {

    private record Launches(StoreKvLaunch store, AttentionLaunch attend) {}

    private final Map<CudaKvCache, Launches> launches = new IdentityHashMap<>();

    /// @param partials room for attention in splits
    CudaCaches(CudaKernels kernels, StepRows rows, Stream stream, List<CudaKvCache> caches, long partials) {
        for (CudaKvCache cache : caches) {
            launches.put(
                    cache,
                    new Launches(
                            new StoreKvLaunch(kernels, rows, stream, cache),
                            new AttentionLaunch(kernels, rows, stream, cache, partials)));
        }
    }

    private Launches of(CudaKvCache cache) {
        return Objects.requireNonNull(launches.get(cache), "a cache of another memory");
    }

    void store(CudaKvCache cache, int layer, CudaBuffer keys, CudaBuffer values) {
        of(cache).store().launch(layer, keys, values);
    }

    void attend(CudaKvCache cache, int layer, CudaBuffer queries, CudaBuffer target, int splits) {
        of(cache).attend().launch(layer, queries, target, splits);
    }
}
