package dev.millrace.worker.kernel.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class OwnersTest {

    private final MemoryDriver driver = new MemoryDriver();

    @Test
    void everything_is_given_back_once() {
        Owners owners = new Owners();
        everything(owners);
        assertThat(driver.leaks()).hasSize(8);
        owners.close();
        owners.close();
        assertThat(driver.leaks()).isEmpty();
    }

    @Test
    void a_refusal_at_any_place_leaks_nothing() {
        for (int place = 0; place == 0 || !succeeded(place); place++) {
            assertThat(driver.leaks()).as("after a refusal of number %d", place).isEmpty();
        }
        assertThat(driver.leaks()).isEmpty();
    }

    private boolean succeeded(int place) {
        driver.failAfter(place);
        try (Owners owners = new Owners()) {
            everything(owners);
            return !driver.hasFailed();
        } catch (CudaException e) {
            assertThat(e.isOutOfMemory()).isTrue();
            return false;
        }
    }

    private void everything(Owners owners) {
        owners.add(new Context(driver, 0));
        Stream stream = owners.add(new Stream(driver));
        owners.add(new Event(driver, false));
        owners.add(new DeviceArray(driver, 100, "values"));
        owners.add(new PinnedBuffer(driver, 100, "values"));
        owners.add(new Module(driver, "none", ""));
        stream.beginCapture();
        owners.add(stream.endCapture());
        stream.beginCapture();
        stream.dropCapture();
        owners.add(new DeviceArray(driver, 200, "more values"));
    }

    @Test
    void one_that_cannot_be_given_back_does_not_keep_the_others() {
        Owners owners = new Owners();
        owners.add(new DeviceArray(driver, 100, "first"));
        DeviceArray lost = owners.add(new DeviceArray(driver, 100, "second"));
        owners.add(new DeviceArray(driver, 100, "third"));
        driver.free(lost.address());
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(owners::close)
                .withMessageStartingWith("cuMemFree for ");
        assertThat(driver.leaks()).isEmpty();
    }

    @Test
    void too_little_memory_names_what_it_was_for() {
        driver.failAfter(0);
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(() -> new DeviceArray(driver, 100, "KV blocks").close())
                .withMessage("cuMemAlloc for KV blocks: CUDA_ERROR_OUT_OF_MEMORY (2)");
    }

    @Test
    void sizes_that_cannot_be_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new DeviceArray(driver, 0, "nothing").close());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PinnedBuffer(driver, PinnedBuffer.MOST_BYTES + 1, "weights").close())
                .withMessage("1073741825 bytes of pinned memory for weights; a piece has 1 to 1073741824");
    }

    @Test
    void what_was_closed_is_not_used() {
        DeviceArray array = new DeviceArray(driver, 100, "values");
        array.close();
        assertThatIllegalStateException().isThrownBy(array::address);
        PinnedBuffer pinned = new PinnedBuffer(driver, 100, "values");
        pinned.segment().set(ValueLayout.JAVA_BYTE, 99, (byte) 1);
        pinned.close();
        assertThatIllegalStateException().isThrownBy(() -> pinned.segment().get(ValueLayout.JAVA_BYTE, 0));
    }
}
