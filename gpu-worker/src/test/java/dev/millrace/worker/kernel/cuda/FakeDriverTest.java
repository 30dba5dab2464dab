package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.kernel.cuda.driver.Event;
import dev.millrace.worker.kernel.cuda.driver.Graph;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Whether mistakes around kernels that a device may forgive are seen on the CPU.
class FakeDriverTest {

    private final FakeDriver fake = FakeDriver.start(1);
    private RmsNormRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new RmsNormRig();
    }

    @AfterEach
    void close() {
        rig.close();
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void what_nobody_waited_for_is_stale() {
        rig.copyToHost();
        assertThat(rig.host(0)).isNotEqualTo(3);
        rig.stream.synchronize();
        assertThat(rig.host(0)).isEqualTo(3);
    }

    @Test
    void an_eager_device_does_it_at_once() {
        fake.schedule(FakeDriver.Order.SHUFFLED, true);
        rig.copyToHost();
        assertThat(rig.host(0)).isEqualTo(3);
    }

    @Test
    void a_pinned_buffer_that_is_written_too_early_is_copied_as_it_then_is() {
        rig.pinned.segment().fill((byte) 0);
        rig.driver.copyToDevice(rig.row.address(), rig.pinned.address(), RmsNormRig.ROW_BYTES, rig.stream.handle());
        rig.pinned.segment().setAtIndex(ValueLayout.JAVA_FLOAT, 0, 7);
        rig.stream.synchronize();
        rig.pinned.segment().fill((byte) 0);
        rig.copyToHost();
        rig.stream.synchronize();
        assertThat(rig.host(0)).isEqualTo(7);
    }

    @Test
    void a_stream_that_waits_for_no_event_overtakes() {
        try (Stream other = new Stream(rig.driver);
                Event filled = new Event(rig.driver, false)) {
            rig.fill(5);
            filled.record(rig.stream);
            rig.driver.copyToHost(rig.pinned.address(), rig.row.address(), RmsNormRig.ROW_BYTES, other.handle());
            other.synchronize();
            assertThat(rig.host(0)).isEqualTo(3);
            other.waitFor(filled);
            rig.driver.copyToHost(rig.pinned.address(), rig.row.address(), RmsNormRig.ROW_BYTES, other.handle());
            other.synchronize();
            assertThat(rig.host(0)).isEqualTo(5);
        }
    }

    @Test
    void an_event_is_over_when_what_was_before_it_is_done() {
        try (Event event = new Event(rig.driver, false)) {
            rig.fill(5);
            rig.copyToHost();
            event.record(rig.stream);
            assertThat(event.isOver()).isFalse();
            event.await();
            assertThat(event.isOver()).isTrue();
            assertThat(rig.host(0)).isEqualTo(5);
        }
    }

    @Test
    void copies_take_pinned_memory_only() {
        try (Arena arena = Arena.ofConfined()) {
            long heap = arena.allocate(RmsNormRig.ROW_BYTES).address();
            refused(
                    1,
                    () -> rig.driver.copyToDevice(rig.row.address(), heap, RmsNormRig.ROW_BYTES, rig.stream.handle()));
            refused(1, () -> rig.driver.copyToHost(heap, rig.row.address(), 4, rig.stream.handle()));
        }
        assertThat(fake.lastError()).endsWith("host memory that is not pinned");
    }

    @Test
    void copies_stay_inside_of_what_was_allocated() {
        long beyond = rig.row.address() + 4;
        refused(
                1,
                () -> rig.driver.copyToDevice(beyond, rig.pinned.address(), RmsNormRig.ROW_BYTES, rig.stream.handle()));
        refused(1, () -> rig.driver.fillWords(beyond, 0, RmsNormRig.COLUMNS, rig.stream.handle()));
    }

    @Test
    void a_kernel_that_writes_beyond_memory_ends_the_context() {
        DeviceArray tooShort = rig.owners.add(new DeviceArray(rig.driver, RmsNormRig.ROW_BYTES - 4, "a row"));
        rig.launch(tooShort, 32);
        refused(700, rig.stream::synchronize);
        assertThat(fake.lastError()).isEqualTo("kernel rms_norm wrote beyond the end of 252 bytes of memory");
        refused(700, () -> rig.fill(1));
        endOfContext();
    }

    @Test
    void a_kernel_that_leaves_memory_ends_the_context() {
        DeviceArray gone = new DeviceArray(rig.driver, RmsNormRig.ROW_BYTES, "a row");
        rig.driver.free(gone.address());
        rig.launch(gone, 32);
        refused(700, rig.stream::synchronize);
        assertThat(fake.lastError()).contains("outside of memory");
        endOfContext();
    }

    @Test
    void faults_come_when_they_are_asked_for() {
        fake.fail("cuMemAlloc", 2, 2);
        new DeviceArray(rig.driver, 8, "the first").close();
        refused(2, () -> new DeviceArray(rig.driver, 8, "the second").close());
        new DeviceArray(rig.driver, 8, "the third").close();
        assertThat(fake.pendingFaults()).isZero();
    }

    @Test
    void a_kernel_that_fails_shows_when_it_is_waited_for() {
        fake.fail("kernel rms_norm", 1, 719);
        rig.launch(rig.row, 32);
        refused(719, rig.stream::synchronize);
        refused(719, rig.driver::memory);
        endOfContext();
    }

    @Test
    void a_capture_allows_neither_waiting_nor_allocating() {
        rig.stream.beginCapture();
        refused(900, () -> new DeviceArray(rig.driver, 8, "rows").close());
        refused(901, () -> rig.fill(1));
        refused(901, () -> rig.stream.endCapture().close());
        rig.stream.beginCapture();
        refused(900, rig.stream::synchronize);
        rig.stream.dropCapture();
    }

    @Test
    void a_kernel_is_loaded_before_it_is_captured() {
        rig.stream.beginCapture();
        refused(900, () -> rig.launch(rig.row, 32));
        rig.stream.dropCapture();
        rig.launch(rig.row, 32);
        rig.stream.synchronize();
        fake.clearCounts();
        rig.stream.beginCapture();
        rig.launch(rig.row, 32);
        rig.copyToHost();
        try (Graph graph = rig.stream.endCapture()) {
            assertThat(fake.count("kernel rms_norm")).isZero();
            graph.launch(rig.stream);
            graph.launch(rig.stream);
            rig.stream.synchronize();
        }
        assertThat(fake.count("kernel rms_norm")).isEqualTo(2);
        assertThat(fake.count("cuLaunchKernel")).isOne();
        assertThat(rig.host(0)).isEqualTo(3);
    }

    @Test
    void launches_keep_to_the_bounds_of_their_kernel() {
        refused(1, () -> rig.launch(rig.row, 512));
        assertThat(fake.lastError()).isEqualTo("kernel rms_norm with a block above its bounds");
    }

    @Test
    void calls_and_bytes_are_counted() {
        fake.clearCounts();
        rig.copyToHost();
        rig.copyToHost();
        assertThat(fake.count("cuMemcpyDtoHAsync")).isEqualTo(2);
        assertThat(fake.count("bytes down")).isEqualTo(2 * RmsNormRig.ROW_BYTES);
        assertThat(fake.count("bytes up")).isZero();
        assertThat(fake.threads(0)).isOne();
    }

    @Test
    void what_is_not_given_back_is_told() {
        String before = fake.leaks();
        PinnedBuffer kept = new PinnedBuffer(rig.driver, 8, "words");
        assertThat(before).contains("1 of pinned memory");
        assertThat(fake.leaks()).contains("2 of pinned memory", "1 streams", "1 contexts");
        kept.close();
        assertThat(fake.leaks()).isEqualTo(before);
    }

    @Test
    void memory_that_others_have_cannot_be_taken() {
        long taken = fake.takenBytes(0);
        fake.memory(0, 1 << 20, (1 << 20) - taken - 256);
        assertThat(rig.driver.memory().freeBytes()).isEqualTo(256);
        refused(2, () -> new DeviceArray(rig.driver, 257, "rows").close());
        assertThatNoException().isThrownBy(() -> new DeviceArray(rig.driver, 256, "rows").close());
    }

    /// The last to release a context gets rid of its error.
    private void endOfContext() {
        assertThatExceptionOfType(CudaException.class).isThrownBy(rig::close);
    }

    private static void refused(int code, ThrowingCallable call) {
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
