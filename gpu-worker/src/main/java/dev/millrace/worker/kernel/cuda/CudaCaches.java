package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Attention over the KV caches of a stage.
final class CudaCaches {

    private final Map<CudaKvCache, AttentionLaunch> launches = new IdentityHashMap<>();

    /// @param partials room for attention in splits
    CudaCaches(CudaKernels kernels, StepRows rows, Stream stream, List<CudaKvCache> caches, long partials) {
        for (CudaKvCache cache : caches) {
            launches.put(cache, new AttentionLaunch(kernels, rows, stream, cache, partials));
        }
    }

    /// As [AttentionLaunch#launch].
    @Nullable
    RowsMaker attend(CudaKvCache cache, int layer, CudaBuffer queries, CudaBuffer target, int splits) {
        return Objects.requireNonNull(launches.get(cache), "a cache of another memory")
                .launch(layer, queries, target, splits);
    }
}
