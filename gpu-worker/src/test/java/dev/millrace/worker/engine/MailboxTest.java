package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MailboxTest {

    @Test
    void is_bounded_and_first_in_first_out() {
        Mailbox<String> mailbox = new Mailbox<>(2);

        assertThat(mailbox.offer("a")).isTrue();
        assertThat(mailbox.offer("b")).isTrue();
        assertThat(mailbox.offer("c")).isFalse();
        assertThat(mailbox.poll()).isEqualTo("a");
        assertThat(mailbox.offer("c")).isTrue();
        assertThat(mailbox.poll()).isEqualTo("b");
        assertThat(mailbox.poll()).isEqualTo("c");
        assertThat(mailbox.poll()).isNull();
    }

    @Test
    void loses_and_reorders_nothing_between_many_threads_and_one() throws InterruptedException {
        record Item(int sender, int number) {}
        Mailbox<Item> mailbox = new Mailbox<>(16);
        int senders = 4;
        int items = 5_000;
        List<Thread> threads = new ArrayList<>();
        for (int sender = 0; sender < senders; sender++) {
            int from = sender;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int number = 0; number < items; number++) {
                    Item item = new Item(from, number);
                    while (!mailbox.offer(item)) {
                        Thread.onSpinWait();
                    }
                }
            }));
        }
        int[] next = new int[senders];
        for (int taken = 0; taken < senders * items; ) {
            Item item = mailbox.poll();
            if (item == null) {
                Thread.onSpinWait();
            } else {
                assertThat(item.number()).isEqualTo(next[item.sender()]++);
                taken++;
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(mailbox.poll()).isNull();
    }
}
