package dev.millrace.worker.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatePagesTest {

    private static final long MANY_BYTES = 100_000_001;

    @ParameterizedTest
    @ValueSource(longs = {3, 5_000_001})
    void few_are_there_at_once(long bytes) {
        try (Arena arena = Arena.ofShared();
                LatePages pages = LatePages.allocate(arena, bytes)) {
            assertThat(pages.memory().byteSize()).isEqualTo(bytes);
            assertThat(pages.pendingBytes()).isZero();
        }
    }

    @Test
    void many_come_without_changing_what_was_written_meanwhile() {
        try (Arena arena = Arena.ofShared();
                LatePages pages = LatePages.allocate(arena, MANY_BYTES)) {
            MemorySegment memory = pages.memory();
            memory.set(ValueLayout.JAVA_BYTE, MANY_BYTES - 1, (byte) 7);
            while (pages.pendingBytes() > 0) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(memory.get(ValueLayout.JAVA_BYTE, MANY_BYTES - 1)).isEqualTo((byte) 7);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, MANY_BYTES / 2)).isZero();
        }
    }

    @Test
    void the_rest_is_left_when_the_memory_is_given_up() {
        try (Arena arena = Arena.ofShared();
                LatePages pages = LatePages.allocate(arena, MANY_BYTES)) {
            pages.close();
            assertThat(pages.pendingBytes()).isZero();
        }
    }
}
