package dev.millrace.worker.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvCacheTest {

    private final int[] tokens = IntStream.range(0, 64).toArray();

    @Test
    void a_prompt_finds_the_blocks_of_an_earlier_one_but_never_its_last_token() {
        KvCache cache = new KvCache(8, true);
        BlockTable first = computed(cache, 64, 1);
        int[] blocks = Arrays.copyOf(first.blocks(), 4);
        cache.release(first);

        BlockTable second = new BlockTable();
        assertThat(cache.extend(second, tokens, 64, 2)).isEqualTo(3);
        assertThat(Arrays.copyOf(second.blocks(), 3)).containsExactly(blocks[0], blocks[1], blocks[2]);
        assertThat(cache.usedBlocks()).isEqualTo(3);
        assertThat(cache.cachedBlocks()).isEqualTo(1);
        assertThat(cache.freeBlocks()).isEqualTo(4);
        cache.check(List.of(second));
    }

    @Test
    void a_block_is_shared_from_the_step_after_the_one_that_computes_it() {
        KvCache cache = new KvCache(8, true);
        BlockTable first = computed(cache, 32, 7);

        BlockTable second = new BlockTable();
        assertThat(cache.extend(second, tokens, 40, 7)).isZero();
        assertThat(cache.isComputedBy(7, second, tokens, 40)).isTrue();
        assertThat(cache.isComputedBy(8, second, tokens, 40)).isFalse();
        assertThat(cache.extend(second, tokens, 40, 8)).isEqualTo(2);
        cache.check(List.of(first, second));
    }

    @Test
    void a_block_computed_twice_is_kept_once() {
        KvCache cache = new KvCache(8, true);
        BlockTable first = new BlockTable();
        BlockTable second = new BlockTable();
        cache.grow(first, 2);
        cache.grow(second, 2);
        cache.computed(first, tokens, 20, 3);
        cache.computed(second, tokens, 20, 3);
        assertThat(cache.freeBlocks()).isEqualTo(4);
        cache.endStep();

        assertThat(second.blocks()[0]).isEqualTo(first.blocks()[0]);
        assertThat(second.blocks()[1]).isNotEqualTo(first.blocks()[1]);
        assertThat(cache.freeBlocks()).isEqualTo(5);
        cache.check(List.of(first, second));
    }

    @Test
    void without_prefix_reuse_nothing_is_kept() {
        KvCache cache = new KvCache(8, false);
        BlockTable first = computed(cache, 64, 1);
        cache.release(first);

        assertThat(cache.freeBlocks()).isEqualTo(8);
        assertThat(cache.extend(first, tokens, 64, 2)).isZero();
        cache.check(List.of());
    }

    @Test
    void a_cached_prefix_is_evicted_from_its_end() {
        KvCache cache = new KvCache(4, true);
        cache.release(computed(cache, 64, 1));
        BlockTable other = new BlockTable();
        assertThat(cache.grow(other, 2)).isTrue();

        BlockTable again = new BlockTable();
        assertThat(cache.extend(again, tokens, 64, 2)).isEqualTo(2);
        cache.check(List.of(other, again));
    }

    @Test
    void a_table_that_cannot_grow_enough_does_not_grow() {
        KvCache cache = new KvCache(4, true);
        BlockTable table = new BlockTable();

        assertThat(cache.grow(table, 5)).isFalse();
        assertThat(table.count()).isZero();
        assertThat(cache.grow(table, 4)).isTrue();
        cache.check(List.of(table));
    }

    private BlockTable computed(KvCache cache, int length, long step) {
        BlockTable table = new BlockTable();
        assertThat(cache.grow(table, KvCache.blocksFor(length))).isTrue();
        cache.computed(table, tokens, length, step);
        cache.endStep();
        return table;
    }

    /// A sequence as the random walk below sees it.
    private static final class Walker {
        final BlockTable table = new BlockTable();
        final int[] tokens;
        int computed;

        Walker(int[] tokens) {
            this.tokens = tokens;
        }
    }

    @ParameterizedTest
    @CsvSource({"6, true, 1", "20, true, 2", "60, true, 3", "20, false, 4"})
    void a_table_always_names_the_blocks_that_hold_its_tokens(int blockCount, boolean reuse, long seed) {
        Random random = new Random(seed);
        KvCache cache = new KvCache(blockCount, reuse);
        List<int[]> contents = new ArrayList<>();
        for (int block = 0; block < blockCount; block++) {
            contents.add(new int[0]);
        }
        List<Walker> walkers = new ArrayList<>();
        int found = 0;
        for (int step = 1; step < 8_000; step++) {
            if (random.nextInt(4) == 0 || walkers.isEmpty()) {
                Walker walker = new Walker(alikeTokens(random, 1 + random.nextInt(90)));
                int blocks = cache.extend(walker.table, walker.tokens, walker.tokens.length, step);
                walker.computed = 16 * blocks;
                found += blocks;
                walkers.add(walker);
            } else if (random.nextInt(4) == 0) {
                cache.release(walkers.remove(random.nextInt(walkers.size())).table);
            } else {
                Walker walker = walkers.get(random.nextInt(walkers.size()));
                int end = Math.min(walker.tokens.length, walker.computed + 1 + random.nextInt(40));
                if (cache.grow(walker.table, KvCache.blocksFor(end))) {
                    for (int i = walker.computed / 16; i < KvCache.blocksFor(end); i++) {
                        contents.set(
                                walker.table.blocks()[i], Arrays.copyOf(walker.tokens, Math.min(end, 16 * i + 16)));
                    }
                    walker.computed = end;
                    cache.computed(walker.table, walker.tokens, end, step);
                }
                cache.endStep();
            }
            cache.check(walkers.stream().map(walker -> walker.table).toList());
            walkers.forEach(walker -> checkContent(walker, contents));
        }
        assertThat(found > 0).isEqualTo(reuse);
        walkers.forEach(walker -> cache.release(walker.table));
        assertThat(cache.usedBlocks()).isZero();
    }

    private static void checkContent(Walker walker, List<int[]> contents) {
        for (int i = 0; i < KvCache.blocksFor(walker.computed); i++) {
            int end = Math.min(walker.computed, 16 * i + 16);
            int[] content = contents.get(walker.table.blocks()[i]);
            if (content.length != end || Arrays.mismatch(content, 0, end, walker.tokens, 0, end) >= 0) {
                fail("block %d of a table does not hold its tokens", i);
            }
        }
    }

    /// Prompts that often begin alike and differ at some point.
    private static int[] alikeTokens(Random random, int length) {
        int[] tokens = new int[length];
        int differs = random.nextInt(3 * length);
        for (int i = differs; i < length; i++) {
            tokens[i] = random.nextInt(3);
        }
        return tokens;
    }
}
