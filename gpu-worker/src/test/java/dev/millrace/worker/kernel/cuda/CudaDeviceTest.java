package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.ledger.StepLedger;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CudaDeviceTest {

    private final FakeDriver fake = FakeDriver.start(1);

    @Test
    void a_device_whose_thread_does_not_come_back_is_closed_without_it() throws InterruptedException {
        CudaDevice device = FakeDevice.open(new StepLedger(), false);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        device.thread()
                .occupation("engine-test", () -> {
                    begun.countDown();
                    try {
                        released.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .start();
        begun.await();
        assertThat(device.memoryInfo().orElseThrow().freeBytes()).isPositive();

        device.close();
        assertThat(fake.count("cuDevicePrimaryCtxRelease")).isZero();

        released.countDown();
        while (fake.count("cuDevicePrimaryCtxRelease") == 0) {
            Thread.onSpinWait();
        }
    }
}
