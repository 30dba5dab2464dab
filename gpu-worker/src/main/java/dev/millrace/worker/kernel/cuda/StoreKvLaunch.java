package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// Puts a step's keys and values into the slots of a KV cache (`store_kv.cu`).
final class StoreKvLaunch {

    private static final int THREADS = 64;

    private final StepRows rows;
    private final Stream stream;
    private final CudaKvCache cache;
    private final Kernel kernel;
    private final KernelArguments arguments;

    StoreKvLaunch(CudaKernels kernels, StepRows rows, Stream stream, CudaKvCache cache) {
        this.rows = rows;
        this.stream = stream;
        this.cache = cache;
        kernel = kernels.kernel("store_kv", "store_kv_" + cache.suffix());
        arguments = kernel.arguments()
                .address(rows.step())
                .address(0)
                .address(0)
                .address(0)
                .whole(cache.kvHeads())
                .whole(cache.headSize());
    }

    void launch(int layer, CudaBuffer keys, CudaBuffer values) {
        arguments.setAddress(1, keys.address());
        arguments.setAddress(2, values.address());
        arguments.setAddress(3, cache.layer(layer));
        kernel.launch(stream, rows.of(Rows.TOKENS), cache.kvHeads(), 1, THREADS, 0, arguments);
    }
}
