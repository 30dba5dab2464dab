package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.RowSlots;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rows from one device to another. Streams of the driver here do nothing before somebody waits for them, and then only
/// what that takes: an order that only happens to be right does not pass.
class RowSlotsTest {

    private static final StepLimits LIMITS = new StepLimits(16, 4, 64, 16, 100);
    private static final int COLUMNS = 20;
    private static final int PEER_ACCESS_UNSUPPORTED = 217;

    private final FakeDriver fake = FakeDriver.start(2);

    /// A device with a stage that changes nothing.
    private static final class Stage implements AutoCloseable {

        private final CudaDevice device;
        private final DeviceMemory memory;
        private final DeviceBuffer hidden;
        private final Operations operations;

        Stage(int ordinal) {
            device = new CudaDevice(CudaDevices.find().choose(List.of(ordinal)).getFirst(), new StepLedger(), true);
            memory = device.thread().call(() -> device.allocate(LIMITS));
            hidden = device.thread().call(() -> memory.buffer(Rows.TOKENS, COLUMNS));
            operations = device.thread().call(memory::operations);
        }

        RowSlots slots(int count) {
            return device.thread().call(() -> memory.rowSlots(count, COLUMNS).orElseThrow());
        }

        void run(Runnable task) {
            device.thread().run(task);
        }

        /// Has rows of `value` computed for a slot.
        void send(long step, int tokens, float value, RowSlot to) {
            Activations rows = filled(tokens, value);
            run(() -> {
                operations.begin(input(step, tokens), rows.rows(tokens), hidden);
                operations.end(hidden, to);
            });
        }

        /// Has what comes to a slot computed with.
        void receive(long step, int tokens, RowSlot from) {
            run(() -> {
                operations.begin(input(step, tokens), from, hidden);
                operations.end(hidden);
            });
        }

        /// The oldest step's rows.
        float[] taken(int tokens) {
            Activations rows = new Activations(LIMITS.maxTokens(), COLUMNS);
            run(() -> operations.take(rows.rows(LIMITS.maxTokens())));
            return rows.rows(tokens).toArray(ValueLayout.JAVA_FLOAT);
        }

        @Override
        public void close() {
            run(() -> {
                operations.drop();
                memory.close();
            });
            device.close();
        }
    }

    private static Activations filled(int tokens, float value) {
        Activations rows = new Activations(tokens, COLUMNS);
        for (int i = 0; i < tokens * COLUMNS; i++) {
            rows.rows(tokens).setAtIndex(ValueLayout.JAVA_FLOAT, i, value + i);
        }
        return rows;
    }

    private static float[] values(int tokens, float value) {
        return filled(tokens, value).rows(tokens).toArray(ValueLayout.JAVA_FLOAT);
    }

    private static StepInput input(long step, int tokens) {
        StepInputBuilder builder = new StepInputBuilder();
        builder.sequence(new int[tokens], 0, tokens, new int[] {3});
        builder.sample(1, 0, SamplingParameters.GREEDY);
        StepInput input = new StepInput(64);
        builder.build(1, step, input);
        return input;
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 0"})
    void rows_are_waited_for_and_not_overwritten_before_they_were_read(int from, int to) {
        try (Stage first = new Stage(from);
                Stage second = new Stage(to)) {
            RowSlots slots = second.slots(1);
            RowSlot slot = slots.next();
            assertThat(first.operations.reaches(slots)).isTrue();
            fake.clearCounts();
            for (int step = 1; step <= 20; step += 2) {
                first.send(step, 3, step, slot);
                second.receive(step, 3, slot);
                // The second device was only asked for the first rows when the first one brings the next.
                first.send(step + 1, 16, step + 1, slot);
                first.run(first.operations::take);
                first.run(first.operations::take);
                second.receive(step + 1, 16, slot);
                assertThat(second.taken(3)).containsExactly(values(3, step));
                assertThat(second.taken(16)).containsExactly(values(16, step + 1));
            }
            assertThat(fake.count("cuMemcpyPeerAsync")).isEqualTo(from == to ? 0 : 20);
            second.run(slots::close);
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void rows_that_nobody_awaits_on_the_first_device_are_there_on_the_second() {
        try (Stage first = new Stage(0);
                Stage second = new Stage(1)) {
            RowSlots slots = second.slots(2);
            RowSlot slot = slots.next();
            first.send(1, 5, 7, slot);
            second.receive(1, 5, slot);
            assertThat(second.taken(5)).containsExactly(values(5, 7));
            second.run(slots::close);
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void devices_that_are_not_connected_pass_rows_through_the_host() {
        try (Stage first = new Stage(0);
                Stage second = new Stage(1)) {
            RowSlots slots = second.slots(1);
            fake.fail("cuCtxEnablePeerAccess", 1, PEER_ACCESS_UNSUPPORTED);
            RowSlot slot = slots.next();
            first.send(1, 5, 7, slot);
            second.receive(1, 5, slot);
            assertThat(second.taken(5)).containsExactly(values(5, 7));
            assertThat(fake.pendingFaults()).isZero();
            second.run(slots::close);
        }
        assertThat(fake.leaks()).isEmpty();
    }

    @Test
    void slots_are_not_given_twice_and_rows_are_not_read_twice() {
        try (Stage first = new Stage(0);
                Stage second = new Stage(1)) {
            RowSlots slots = second.slots(2);
            RowSlot one = slots.next();
            RowSlot other = slots.next();
            assertThat(other).isNotSameAs(one);
            first.send(1, 1, 1, one);
            assertThatIllegalStateException().isThrownBy(slots::next).withMessageContaining("has not begun to read");
            second.receive(1, 1, one);
            assertThat(slots.next()).isSameAs(one);
            assertThatIllegalStateException()
                    .isThrownBy(() -> second.receive(2, 1, other))
                    .withMessage("rows are asked for that nobody has written");
            second.run(second.operations::drop);
            second.run(slots::close);
            assertThatIllegalStateException()
                    .isThrownBy(() -> first.send(2, 1, 1, one))
                    .withMessageContaining("closed");
        }
        assertThat(fake.leaks()).isEmpty();
    }

    /// In whatever order: rows may be under way, and nobody may have asked for them.
    @ParameterizedTest
    @CsvSource({"true, false", "false, false", "true, true", "false, true"})
    void closing_gives_everything_back_while_rows_are_under_way(boolean readerFirst, boolean isRead) {
        Stage first = new Stage(0);
        Stage second = new Stage(1);
        RowSlots slots = second.slots(2);
        RowSlot slot = slots.next();
        first.send(1, 16, 1, slot);
        if (isRead) {
            second.receive(1, 16, slot);
        }
        if (readerFirst) {
            second.run(second.operations::drop);
            second.run(slots::close);
            second.close();
            first.close();
        } else {
            first.close();
            second.run(second.operations::drop);
            second.run(slots::close);
            second.close();
        }
        assertThat(fake.leaks()).isEmpty();
        assertThat(fake.takenBytes(1)).isZero();
    }

    @Test
    void no_memory_for_slots_is_no_failure() {
        try (Stage stage = new Stage(0)) {
            fake.fail("cuMemAlloc", 1, 2);
            assertThat(stage.device.thread().call(() -> stage.memory.rowSlots(3, COLUMNS)))
                    .isEmpty();
            fake.fail("cuEventCreate", 2, 2);
            assertThat(stage.device.thread().call(() -> stage.memory.rowSlots(3, COLUMNS)))
                    .isEmpty();
        }
        assertThat(fake.leaks()).isEmpty();
    }
}
