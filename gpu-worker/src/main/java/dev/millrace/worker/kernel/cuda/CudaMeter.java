package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Context;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.DeviceFacts;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import java.util.ArrayList;
import java.util.List;

/// Measures a device, without a model: what the steps of any model can be held against.
public final class CudaMeter {

    /// How many times the L2 cache is read, so that what it keeps does not count.
    private static final int CACHES = 32;

    private CudaMeter() {}

    /// Takes the device for as long as it measures, on this thread.
    ///
    /// @param found is usable
    /// @param readBytes how much memory is read at once; 0 for 32 times the device's L2 cache
    /// @throws IllegalStateException where the device does not do what it is told
    public static CudaFigures measure(FoundDevice found, long readBytes) {
        DeviceFacts facts = found.facts();
        Driver driver = JcudaDriver.open();
        try (Context context = new Context(driver, facts.ordinal());
                CudaStage stage = CudaStage.open(driver)) {
            context.makeCurrent();
            // First: later, the driver has compiled some.
            List<CudaFigures.Load> loads = load(stage.kernels());
            long wanted = readBytes > 0 ? readBytes : (long) CACHES * facts.l2Bytes();
            MemoryReadMeter read = new MemoryReadMeter(stage, facts.processors(), wanted);
            double bytesPerSecond = read.bytesPerSecond();
            return new CudaFigures(
                    facts.name(),
                    facts.capability(),
                    CudaDevices.text(driver.version()),
                    facts.processors(),
                    facts.totalBytes(),
                    facts.l2Bytes(),
                    read.bytes(),
                    bytesPerSecond,
                    new LaunchMeter(stage).measure(),
                    new CopyMeter(stage).measure(),
                    loads);
        } catch (CudaException e) {
            throw new IllegalStateException("the device cannot be measured: " + e.getMessage(), e);
        }
    }

    private static List<CudaFigures.Load> load(CudaKernels kernels) {
        List<CudaFigures.Load> loads = new ArrayList<>();
        for (String file : CudaKernels.files()) {
            long start = System.nanoTime();
            kernels.module(file);
            loads.add(new CudaFigures.Load(file, (System.nanoTime() - start) / 1e6));
        }
        return loads;
    }
}
