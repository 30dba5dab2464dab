package dev.millrace.worker.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockPoolTest {

    @Test
    void gives_each_block_once() {
        BlockPool pool = new BlockPool(3);

        assertThat(List.of(pool.takeFree(), pool.takeFree(), pool.takeFree())).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(pool.takeFree()).isEqualTo(-1);
        pool.check();
    }

    @Test
    void evicts_the_block_released_longest_ago_first() {
        BlockPool pool = new BlockPool(3);
        int first = pool.takeFree();
        int second = pool.takeFree();
        pool.release(second, true);
        pool.release(first, true);
        pool.retain(second);
        pool.release(second, true);

        assertThat(pool.oldestCached()).isEqualTo(first);
        pool.evictOldest();
        assertThat(pool.oldestCached()).isEqualTo(second);
        assertThat(pool.freeCount()).isEqualTo(2);
        pool.check();
    }

    @Test
    void refuses_to_release_what_nobody_holds_and_to_retain_what_has_no_content() {
        BlockPool pool = new BlockPool(1);

        assertThatThrownBy(() -> pool.release(0, true)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.retain(0)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 64})
    void every_block_is_in_one_state_after_any_moves(int blockCount) {
        Random random = new Random(blockCount);
        BlockPool pool = new BlockPool(blockCount);
        List<Integer> held = new ArrayList<>();
        Set<Integer> cached = new LinkedHashSet<>();
        for (int move = 0; move < 5_000; move++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    int block = pool.takeFree();
                    if (block >= 0) {
                        assertThat(held).doesNotContain(block);
                        assertThat(cached).doesNotContain(block);
                        held.add(block);
                    }
                }
                case 1 -> {
                    if (!held.isEmpty()) {
                        Integer block = held.remove(/* index */ random.nextInt(held.size()));
                        boolean keep = random.nextBoolean();
                        pool.release(block, keep);
                        if (keep && !held.contains(block)) {
                            cached.add(block);
                        }
                    }
                }
                case 2 -> {
                    List<Integer> known = new ArrayList<>(held);
                    known.addAll(cached);
                    if (!known.isEmpty()) {
                        Integer block = known.get(random.nextInt(known.size()));
                        pool.retain(block);
                        held.add(block);
                        cached.remove(block);
                    }
                }
                default -> {
                    if (!cached.isEmpty()) {
                        assertThat(pool.oldestCached())
                                .isEqualTo(cached.iterator().next());
                        cached.remove(pool.oldestCached());
                        pool.evictOldest();
                    }
                }
            }
            pool.check();
            assertThat(pool.cachedCount()).isEqualTo(cached.size());
            assertThat(pool.freeCount())
                    .isEqualTo(blockCount
                            - cached.size()
                            - held.stream().distinct().count());
        }
    }
}
