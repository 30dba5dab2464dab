package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.Owners;
import dev.millrace.worker.kernel.cuda.driver.Stream;

/// What one stage works with on a device whose context is current: one stream, on which everything is done in order.
///
/// @param owners everything that lives as long as the stage
record CudaStage(Driver driver, Owners owners, Stream stream, CudaKernels kernels) implements AutoCloseable {

    static CudaStage open(Driver driver) {
        Owners owners = new Owners();
        Stream stream = owners.add(new Stream(driver));
        return new CudaStage(driver, owners, stream, new CudaKernels(driver, owners));
    }

    @Override
    public void close() {
        owners.close();
    }
}
