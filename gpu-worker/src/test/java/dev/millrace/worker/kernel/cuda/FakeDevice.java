package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.ledger.StepLedger;
import java.util.List;

/// The device of the fake driver.
public final class FakeDevice {

    private FakeDevice() {}

    /// The first one, after a [FakeDriver#start].
    public static CudaDevice open(StepLedger ledger, boolean useGraphs) {
        return open(0, ledger, useGraphs);
    }

    /// The one with that ordinal; each time another context's holder with a thread of its own.
    public static CudaDevice open(int ordinal, StepLedger ledger, boolean useGraphs) {
        return new CudaDevice(CudaDevices.find().choose(List.of(ordinal)).getFirst(), ledger, useGraphs);
    }
}
