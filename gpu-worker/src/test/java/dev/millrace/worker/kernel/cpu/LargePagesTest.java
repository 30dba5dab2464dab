package dev.millrace.worker.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargePagesTest {

    @ParameterizedTest
    @ValueSource(longs = {3, 100_000, 2 << 20, 5_000_001})
    void memory_is_zero_aligned_and_gone_with_its_arena(long bytes) {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = LargePages.allocate(arena, bytes);
            assertThat(memory.byteSize()).isEqualTo(bytes);
            assertThat(memory.address() % 64).isZero();
            for (long at : new long[] {0, bytes / 2, bytes - 1}) {
                assertThat(memory.get(ValueLayout.JAVA_BYTE, at)).isZero();
                memory.set(ValueLayout.JAVA_BYTE, at, (byte) 7);
                assertThat(memory.get(ValueLayout.JAVA_BYTE, at)).isEqualTo((byte) 7);
            }
        }
        assertThatIllegalStateException().isThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 5_000_001})
    void reserved_memory_keeps_what_was_written_when_it_is_taken(long bytes) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = LargePages.reserve(arena, bytes);
            memory.set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) 7);
            long taken = 0;
            while (taken < bytes) {
                taken = LargePages.take(memory, taken);
            }
            assertThat(taken).isEqualTo(bytes);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, bytes - 1)).isEqualTo((byte) 7);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        }
    }
}
