package dev.millrace.worker.kernel.cuda;

import java.util.List;

/// What operations work with beside the buffers that a model asks for, by addresses of the device.
///
/// @param step where packed steps lie, with rows of the stage before behind them
/// @param stepBytes how many bytes there are
/// @param partials of attention in splits
record StepRoom(
        long step,
        long stepBytes,
        ProductRoom products,
        long partials,
        SampleRoom sampling,
        List<CudaKvCache> caches,
        List<CudaRopeTable> ropeTables) {}
