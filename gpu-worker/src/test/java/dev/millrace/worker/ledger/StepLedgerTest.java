package dev.millrace.worker.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StepLedgerTest {

    @Test
    void phases_add_up_to_the_time_between_start_and_stop() {
        StepLedger ledger = new StepLedger();
        long before = System.nanoTime();
        ledger.start(Phase.WAIT_WORK);
        long started = System.nanoTime();
        for (Phase phase : Phase.values()) {
            ledger.enter(phase);
            Thread.onSpinWait();
        }
        long stopping = System.nanoTime();
        ledger.stop();
        long after = System.nanoTime();

        long sum = Arrays.stream(Phase.values()).mapToLong(ledger::nanoseconds).sum();
        assertThat(sum).isBetween(stopping - started, after - before);
    }

    @Test
    void time_between_two_epochs_belongs_to_no_phase() {
        StepLedger ledger = new StepLedger();
        ledger.start(Phase.WAIT_WORK);
        ledger.stop();
        long waited = ledger.nanoseconds(Phase.WAIT_WORK);
        ledger.start(Phase.COMPUTE);
        ledger.stop();

        assertThat(ledger.nanoseconds(Phase.WAIT_WORK)).isEqualTo(waited);
    }

    @Test
    void counts_bytes_transfers_steps_and_tokens() {
        StepLedger ledger = new StepLedger();
        ledger.transfer(Direction.HANDOVER_IN, 100);
        ledger.transfer(Direction.HANDOVER_IN, 20);
        ledger.step(7);
        ledger.step(5);

        assertThat(ledger.bytes(Direction.HANDOVER_IN)).isEqualTo(120);
        assertThat(ledger.transfers(Direction.HANDOVER_IN)).isEqualTo(2);
        assertThat(ledger.bytes(Direction.HANDOVER_OUT)).isZero();
        assertThat(ledger.steps()).isEqualTo(2);
        assertThat(ledger.tokens()).isEqualTo(12);
    }

    @Test
    void labels_are_those_of_the_statistics() {
        assertThat(Phase.values())
                .extracting(Phase::label)
                .containsExactly(
                        "schedule",
                        "upload",
                        "compute",
                        "download",
                        "handover",
                        "sample",
                        "wait_work",
                        "wait_neighbour");
        assertThat(Direction.values())
                .extracting(Direction::label)
                .containsExactly("upload", "download", "handover_in", "handover_out");
    }
}
