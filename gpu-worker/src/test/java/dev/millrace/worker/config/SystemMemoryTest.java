package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.kernel.MemoryUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemMemoryTest {

    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    private Path folder = Path.of("");

    private SystemMemory memory() {
        return new SystemMemory(folder.resolve("proc"), folder.resolve("cgroup"));
    }

    private void write(String file, String content) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    @Test
    void the_machine_says_what_is_available_and_what_this_process_holds() throws IOException {
        write("proc/meminfo", "MemTotal:  9000 kB\nMemFree: 10 kB\nMemAvailable:    5120 kB\n");
        write("proc/self/status", "Name:\tjava\nVmRSS:\t  3072 kB\nRssAnon:\t    2048 kB\nRssFile:\t 1024 kB\n");
        assertThat(memory().availableBytes()).isEqualTo(5 * MEBIBYTE);
        assertThat(memory().heldBytes()).isEqualTo(2 * MEBIBYTE);
        assertThat(memory().residentBytes()).isEqualTo(3 * MEBIBYTE);
    }

    @Test
    void the_tightest_control_group_around_the_process_counts() throws IOException {
        write("proc/meminfo", "MemAvailable: 102400 kB\n");
        write("proc/self/cgroup", "0::/slice/box\n");
        write("cgroup/slice/memory.max", "41943040\n");
        write("cgroup/slice/memory.current", "10485760\n");
        write("cgroup/slice/box/memory.max", "max\n");
        assertThat(memory().availableBytes()).isEqualTo(30 * MEBIBYTE);
        write("cgroup/slice/box/memory.max", "20971520\n");
        write("cgroup/slice/box/memory.current", "15728640\n");
        write("cgroup/slice/box/memory.stat", "anon 1\ninactive_file 2097152\n");
        assertThat(memory().availableBytes()).isEqualTo(7 * MEBIBYTE);
    }

    @Test
    void a_container_sees_its_own_group_at_the_root() throws IOException {
        write("proc/meminfo", "MemAvailable: 102400 kB\n");
        write("proc/self/cgroup", "0::/\n");
        write("cgroup/memory.max", "3145728\n");
        write("cgroup/memory.current", "1048576\n");
        assertThat(memory().availableBytes()).isEqualTo(2 * MEBIBYTE);
    }

    @Test
    void nothing_is_limited_where_nothing_is_known() {
        assertThat(memory().availableBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(memory().residentBytes()).isZero();
    }

    @Test
    void a_stage_that_needs_more_than_there_is_is_refused_with_the_numbers() throws Exception {
        write("proc/meminfo", "MemAvailable: 5120 kB\n");
        MemoryUse stage = new MemoryUse(4 * MEBIBYTE, MEBIBYTE, 512 * 1024);
        assertThatThrownBy(() -> new MemoryBudget(Long.MAX_VALUE, memory()).check(stage))
                .isInstanceOf(StageRefusedException.class)
                .hasMessage("the stage needs 5.5 MiB (weights 4.0 MiB, KV blocks 1.0 MiB, buffers 512.0 KiB), but"
                        + " 5.0 MiB are available; more stages, a shorter context or fewer parallel sequences need"
                        + " less");
        assertThatThrownBy(() -> new MemoryBudget(MEBIBYTE, memory()).check(stage))
                .hasMessageContaining("but 1.0 MiB are allowed");
        new MemoryBudget(Long.MAX_VALUE, memory()).check(new MemoryUse(4 * MEBIBYTE, MEBIBYTE, 0));
    }

    @Test
    void what_a_loaded_stage_holds_is_available_for_the_next_one() throws IOException {
        write("proc/meminfo", "MemAvailable: 5120 kB\n");
        assertThat(new MemoryBudget(Long.MAX_VALUE, memory()).availableBytes(MEBIBYTE))
                .isEqualTo(6 * MEBIBYTE);
        assertThat(new MemoryBudget(2 * MEBIBYTE, memory()).availableBytes(MEBIBYTE))
                .isEqualTo(2 * MEBIBYTE);
    }
}
