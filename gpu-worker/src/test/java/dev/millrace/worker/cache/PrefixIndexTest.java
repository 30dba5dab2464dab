package dev.millrace.worker.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixIndexTest {

    @Test
    void the_same_tokens_after_another_prefix_are_another_block() {
        PrefixIndex index = new PrefixIndex(4);
        int[] tokens = new int[16];
        index.add(0, PrefixIndex.ROOT, tokens, 0, 1);
        index.add(1, index.node(0), tokens, 0, 1);

        assertThat(index.find(PrefixIndex.ROOT, tokens, 0)).isZero();
        assertThat(index.find(index.node(0), tokens, 0)).isEqualTo(1);
        assertThat(index.find(index.node(1), tokens, 0)).isEqualTo(-1);
        index.check();
    }

    @Test
    void a_block_that_came_back_under_the_same_number_is_not_the_old_prefix() {
        PrefixIndex index = new PrefixIndex(4);
        int[] tokens = IntStream.range(0, 32).toArray();
        index.add(0, PrefixIndex.ROOT, tokens, 0, 1);
        index.add(1, index.node(0), tokens, 16, 1);
        index.remove(0);
        int[] other = IntStream.range(100, 116).toArray();
        index.add(0, PrefixIndex.ROOT, other, 0, 2);

        assertThat(index.find(index.node(0), tokens, 16)).isEqualTo(-1);
    }

    /// With one bucket every look-up is a collision.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64})
    void finds_exactly_what_was_added_after_any_moves(int bucketCount) {
        Random random = new Random(bucketCount);
        int blockCount = 32;
        PrefixIndex index = new PrefixIndex(blockCount, bucketCount);
        Map<List<Object>, Integer> expected = new HashMap<>();
        Map<Integer, List<Object>> keys = new HashMap<>();
        for (int move = 0; move < 5_000; move++) {
            int block = random.nextInt(blockCount);
            if (index.contains(block)) {
                expected.remove(keys.remove(block));
                index.remove(block);
            } else {
                List<Integer> known = new ArrayList<>(keys.keySet());
                long parent = known.isEmpty() || random.nextBoolean()
                        ? PrefixIndex.ROOT
                        : index.node(known.get(random.nextInt(known.size())));
                int[] tokens = random.ints(20, 0, 2).toArray();
                List<Object> key = List.of(
                        parent, IntStream.range(3, 19).mapToObj(i -> tokens[i]).toList());
                assertThat(index.find(parent, tokens, 3)).isEqualTo(expected.getOrDefault(key, -1));
                if (!expected.containsKey(key)) {
                    index.add(block, parent, tokens, 3, move);
                    expected.put(key, block);
                    keys.put(block, key);
                }
            }
            index.check();
            assertThat(index.size()).isEqualTo(keys.size());
        }
    }
}
