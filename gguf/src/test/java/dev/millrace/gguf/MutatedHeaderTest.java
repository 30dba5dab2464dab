package dev.millrace.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Mutated headers are read, or refused with [GgufException] and nothing else, in bounded memory. More of them with
/// `-Dmillrace.gguf.mutations=1000000`.
class MutatedHeaderTest {
    private static final int MUTATIONS = Integer.getInteger("millrace.gguf.mutations", 20_000);
    private static final long SEED = Long.getLong("millrace.gguf.seed", 20_261);
    private static final long MOST_ALLOCATED_BYTES = 4L << 20;
    private static final long[] TELLING = {
        0,
        1,
        -1,
        2,
        4,
        8,
        9,
        31,
        33,
        64,
        255,
        256,
        1 << 16,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        1L << 60,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    @Test
    void mutated_headers_give_only_the_exception_of_this_library() {
        List<byte[]> originals = List.of(model(2), model(3), vocabulary());
        Random random = new Random(SEED);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int read = 0;
        for (int round = 0; round < MUTATIONS; round++) {
            byte[] mutated = mutate(originals.get(random.nextInt(originals.size())), random);
            long before = threads.getCurrentThreadAllocatedBytes();
            try {
                use(MemorySegment.ofArray(mutated));
                read++;
            } catch (GgufException refused) {
                assertThat(refused.getMessage()).startsWith("file: ").doesNotContain("\n");
            } catch (RuntimeException | Error wrong) {
                fail("round " + round + ": " + HexFormat.of().formatHex(mutated), wrong);
            }
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED_BYTES);
        }
        assertThat(read).as("some mutations do no harm").isBetween(MUTATIONS / 100, MUTATIONS * 3 / 4);
    }

    /// Reads everything a caller could.
    private static void use(MemorySegment file) {
        GgufHeader header = GgufHeader.read("file", file);
        GgufMetadata metadata = header.metadata();
        for (String key : metadata.keys()) {
            visit(metadata.find(key).orElseThrow());
        }
        for (GgufTensor tensor : new GgufPart(Path.of("file"), file, header).tensors()) {
            float[] block = new float[tensor.type().blockElements()];
            long last = tensor.byteSize() - tensor.type().blockBytes();
            tensor.type().dequantize(tensor.data(), last, block, 0, block.length);
        }
    }

    private static void visit(GgufValue value) {
        assertThat(value.describe()).isNotEmpty();
        if (value instanceof GgufValue.Array array) {
            for (int index = 0; index < array.size(); index++) {
                visit(array.get(index));
            }
        }
    }

    private static byte[] mutate(byte[] original, Random random) {
        byte[] mutated = original.clone();
        for (int change = random.nextInt(4); change >= 0; change--) {
            int at = random.nextInt(mutated.length);
            switch (random.nextInt(6)) {
                case 0 -> mutated[at] = (byte) random.nextInt();
                case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> put(mutated, at, TELLING[random.nextInt(TELLING.length)], Long.BYTES);
                case 3 -> put(mutated, at, TELLING[random.nextInt(TELLING.length)], Integer.BYTES);
                case 4 -> mutated = Arrays.copyOf(mutated, at + 1);
                default -> {
                    int from = random.nextInt(mutated.length);
                    int length = Math.min(random.nextInt(32), mutated.length - Math.max(at, from));
                    System.arraycopy(mutated, from, mutated, at, length);
                }
            }
        }
        return mutated;
    }

    private static void put(byte[] bytes, int at, long value, int count) {
        for (int index = 0; index < count && at + index < bytes.length; index++) {
            bytes[at + index] = (byte) (value >>> (8 * index));
        }
    }

    private static byte[] model(int version) {
        GgufWriter writer = new GgufWriter(version)
                .alignment(64)
                .string("general.architecture", "llama")
                .uint64("long", 1L << 40)
                .array(
                        "nested",
                        GgufType.ARRAY,
                        1,
                        new LittleEndian().int32(GgufType.INT16.id()).int64(1).int16(5));
        for (TensorType type : TensorType.values()) {
            writer.tensor(type.name(), type, new byte[2 * type.blockBytes()], type.blockElements(), 2);
        }
        return writer.toBytes();
    }

    private static byte[] vocabulary() {
        return new GgufWriter()
                .strings("tokenizer.ggml.tokens", List.of("<s>", "</s>", "a", "b", "ab", "é"))
                .float32s("tokenizer.ggml.scores", 0, 0, -1, -2, -3, -4)
                .int32s("tokenizer.ggml.token_type", 3, 3, 1, 1, 1, 1)
                .array(
                        "bools",
                        GgufType.BOOL,
                        3,
                        new LittleEndian().int8(1).int8(0).int8(1))
                .uint16("short", 7)
                .bool("tokenizer.ggml.add_bos_token", true)
                .raw("double", GgufType.FLOAT64, new LittleEndian().int64(0))
                .toBytes();
    }
}
