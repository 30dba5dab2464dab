package dev.millrace.worker.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.HeldRows;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class RingTest {

    private static final RingShape SHAPE = new RingShape(3, 5, 7);
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final OutgoingRing outgoing = ring();

    @TempDir
    private Path folder = Path.of("");

    private static OutgoingRing ring() {
        try {
            return OutgoingRing.create(SHAPE);
        } catch (NoRingException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        outgoing.close();
    }

    private IncomingRing incoming() throws NoRingException {
        return IncomingRing.open(outgoing.offer(), SHAPE);
    }

    private Activations place() {
        return Objects.requireNonNull(outgoing.place());
    }

    /// Fills a free slot with `value` and gives it to that step.
    private int give(long step, float value) {
        Activations rows = place();
        for (int i = 0; i < 5 * 7; i++) {
            rows.rows(5).setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        }
        int slot = outgoing.slotOf(rows);
        outgoing.given(slot, step);
        return slot;
    }

    private static void assertFilled(HeldRows held, float value) {
        float[] rows = held.rows().rows(5).toArray(ValueLayout.JAVA_FLOAT);
        assertThat(rows).hasSize(35);
        for (float each : rows) {
            assertThat(each).isEqualTo(value);
        }
    }

    @Test
    void rows_that_one_end_writes_the_other_one_reads() throws NoRingException {
        IncomingRing incoming = incoming();
        outgoing.hide();
        for (int step = 1; step <= 20; step++) {
            HeldRows held = incoming.hold(give(step, step), step);
            assertFilled(held, step);
            held.release();
        }
    }

    @Test
    void a_slot_is_given_again_once_its_rows_were_read_and_not_before() throws NoRingException {
        IncomingRing incoming = incoming();
        HeldRows first = incoming.hold(give(1, 1), 1);
        HeldRows second = incoming.hold(give(2, 2), 2);
        HeldRows third = incoming.hold(give(3, 3), 3);
        assertThat(outgoing.place()).isNull();

        assertFilled(second, 2);
        second.release();
        int slot = give(4, 4);
        assertThat(slot).isEqualTo(1);
        assertThat(outgoing.place()).isNull();
        assertFilled(first, 1);
        assertFilled(third, 3);
        assertFilled(incoming.hold(slot, 4), 4);
    }

    @Test
    void rows_of_the_stages_own_are_in_no_slot() {
        assertThat(outgoing.slotOf(new Activations(5, 7))).isEqualTo(OutgoingRing.NONE);
    }

    @Test
    void slots_that_are_not_there_or_still_held_are_refused() throws NoRingException {
        IncomingRing incoming = incoming();
        for (long slot : new long[] {3, -1, 1L << 32, Long.MIN_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> incoming.hold(slot, 1))
                    .withMessageStartingWith("step 1 lies in slot ")
                    .withMessageEndingWith("there are 3");
        }
        HeldRows held = incoming.hold(1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> incoming.hold(1, 2))
                .withMessage("step 2 lies in slot 1, where step 1 is still read");
        held.release();
        incoming.hold(1, 2);
    }

    private void assertNotTaken(RingOffer offer, String because) {
        assertThatThrownBy(() -> IncomingRing.open(offer, SHAPE))
                .isInstanceOf(NoRingException.class)
                .hasMessageContaining(because);
    }

    @Test
    void what_is_not_the_ring_that_was_offered_is_not_taken() throws Exception {
        RingOffer good = outgoing.offer();
        String boot = good.bootId();
        long self = good.process();
        int descriptor = good.descriptor();
        long bytes = good.bytes();
        long high = good.nonceHigh();
        long low = good.nonceLow();
        assertNotTaken(new RingOffer("other", self, descriptor, bytes, high, low), "on another machine");
        assertNotTaken(new RingOffer(boot, self, descriptor, bytes + 1, high, low), "instead of");
        assertNotTaken(new RingOffer(boot, 0xffff_ffffL, descriptor, bytes, high, low), "shows no memory");
        assertNotTaken(new RingOffer(boot, self, 1 << 20, bytes, high, low), "shows no memory");
        assertNotTaken(new RingOffer(boot, self, -1, bytes, high, low), "shows no memory");
        assertNotTaken(new RingOffer(boot, self, descriptor, bytes, high + 1, low), "not what was offered");
        assertNotTaken(new RingOffer(boot, self, descriptor, bytes, high, low + 1), "not what was offered");

        RingShape larger = new RingShape(3, 5000, 7);
        assertThatThrownBy(() ->
                        IncomingRing.open(new RingOffer(boot, self, descriptor, larger.bytes(), high, low), larger))
                .isInstanceOf(NoRingException.class)
                .hasMessageMatching("what process \\d+ shows has " + bytes + " bytes instead of " + larger.bytes());
    }

    @Test
    void a_file_that_could_be_shortened_is_not_taken() throws IOException {
        Path file = folder.resolve("file");
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(SHAPE.bytes());
            int descriptor = descriptorOf(file);
            RingOffer good = outgoing.offer();
            assertNotTaken(
                    new RingOffer(good.bootId(), good.process(), descriptor, good.bytes(), 0, 0), "not sealed memory");
        }
    }

    private static int descriptorOf(Path file) throws IOException {
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            return open.filter(each -> target(each).equals(file.toString()))
                    .mapToInt(each -> Integer.parseInt(each.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void nobody_can_shorten_it() throws IOException {
        Path shown = DESCRIPTORS.resolve(String.valueOf(outgoing.offer().descriptor()));
        try (FileChannel channel = FileChannel.open(shown, StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_ring_that_is_hidden_is_not_found_any_more() {
        RingOffer offer = outgoing.offer();
        outgoing.hide();
        assertThatThrownBy(() -> IncomingRing.open(offer, SHAPE)).isInstanceOf(NoRingException.class);
    }

    @Test
    void more_than_there_can_be_is_refused_and_leaves_nothing() throws IOException {
        long open = openRings();
        assertThatThrownBy(() -> OutgoingRing.create(new RingShape(1, 1 << 30, 1 << 30)))
                .isInstanceOf(NoRingException.class);
        assertThat(openRings()).isEqualTo(open);
    }

    private static long openRings() throws IOException {
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            return open.filter(each -> target(each).contains("millrace-rows")).count();
        }
    }
}
