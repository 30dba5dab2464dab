package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.ledger.StepLedger;

/// How a device is used.
///
/// @param ledger where transfers and phases of steps are entered
/// @param useGraphs whether steps that come again are launched as one
/// @param context of the device, by which other devices of this process know it
/// @param lost is told when the device answers nothing any more
record CudaSettings(StepLedger ledger, boolean useGraphs, long context, Runnable lost) {

    /// For loading alone.
    static CudaSettings plain() {
        return new CudaSettings(new StepLedger(), false, 0, () -> {});
    }
}
