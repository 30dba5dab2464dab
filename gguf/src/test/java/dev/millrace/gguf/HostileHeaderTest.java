package dev.millrace.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileHeaderTest {
    private static final byte[] FOUR_FLOATS = new byte[16];

    @ParameterizedTest
    @CsvSource({
        "1, GGUF version 1 is too old",
        "4, GGUF version 4 is not known; 2 and 3 are",
        "0, GGUF version 0 is not known",
        "50331648, this is a big-endian GGUF file",
        "-1, GGUF version 4294967295 is not known"
    })
    void refuses_a_version_it_does_not_read_by_name(int version, String message) {
        assertRefused(new GgufWriter(version).toBytes(), message);
    }

    @Test
    void refuses_what_is_no_gguf_file() {
        assertRefused("version https://git-lfs".getBytes(UTF_8), "this is not a GGUF file");
        assertRefused(new byte[0], "the file ends in the magic number");
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 60, -1, Long.MIN_VALUE, 1L << 31, 100})
    void refuses_counts_that_the_file_has_no_room_for(long count) {
        assertRefused(counts(count, 0), "the tensor count is " + Long.toUnsignedString(count));
        assertRefused(counts(0, count), "the metadata count is " + Long.toUnsignedString(count));
        for (GgufType type : GgufType.values()) {
            byte[] file =
                    new GgufWriter().array("k", type, count, new LittleEndian()).toBytes();
            assertRefused(file, "the element count of the value of key 'k' is " + Long.toUnsignedString(count));
        }
        byte[] string = new GgufWriter()
                .raw("k", GgufType.STRING, new LittleEndian().int64(count))
                .toBytes();
        assertRefused(string, "the length of the value of key 'k' is " + Long.toUnsignedString(count));
    }

    @Test
    void refuses_arrays_that_nest_too_deep() {
        LittleEndian deep = new LittleEndian();
        for (int depth = 0; depth < 1000; depth++) {
            deep.int32(GgufType.ARRAY.id()).int64(1);
        }

        assertRefused(
                new GgufWriter().array("k", GgufType.ARRAY, 1, deep).toBytes(),
                "the value of key 'k' has arrays within arrays deeper than 4");
    }

    @Test
    void refuses_more_inner_arrays_than_it_would_hold() {
        LittleEndian many = new LittleEndian();
        for (int index = 0; index < 70_000; index++) {
            many.int32(GgufType.UINT8.id()).int64(0);
        }

        assertRefused(
                new GgufWriter().array("k", GgufType.ARRAY, 70_000, many).toBytes(),
                "the value of key 'k' has more than 65536 inner arrays");
    }

    @Test
    void refuses_values_that_are_not_of_their_type() {
        assertRefused(
                new GgufWriter().raw("k", 13, new LittleEndian()).toBytes(),
                "the type of the value of key 'k' is 13; types are 0 to 12");
        assertRefused(
                new GgufWriter()
                        .raw("k", GgufType.BOOL, new LittleEndian().int8(2))
                        .toBytes(),
                "the value of key 'k' is a bool of value 2; it must be 0 or 1");
        assertRefused(
                new GgufWriter()
                        .raw("k", GgufType.STRING, new LittleEndian().int64(1).int8(0xFF))
                        .toBytes(),
                "the value of key 'k' is not valid UTF-8");
    }

    @Test
    void refuses_keys_and_tensors_that_are_there_twice_or_have_no_name() {
        assertRefused(new GgufWriter().uint32("k", 1).uint32("k", 1).toBytes(), "key 'k' is there twice");
        assertRefused(new GgufWriter().uint32("", 1).toBytes(), "metadata key 0 is empty");
        assertRefused(
                new GgufWriter()
                        .tensor("t", TensorType.F32, FOUR_FLOATS, 4)
                        .tensor("t", TensorType.F32, FOUR_FLOATS, 4)
                        .toBytes(),
                "tensor 't' is there twice");
        assertRefused(
                new GgufWriter().tensor("", TensorType.F32, FOUR_FLOATS, 4).toBytes(), "the name of tensor 0 is empty");
    }

    @Test
    void text_of_the_file_cannot_steer_a_terminal() {
        assertRefused(
                new GgufWriter().raw("a\u001B[2J\u202E", 99, new LittleEndian()).toBytes(), "'a\\u001b[2J\\u202e'");
    }

    @ParameterizedTest
    @CsvSource({"10, Q2_K", "23, IQ4_XS", "39, MXFP4", "28, F64", "4711, number 4711", "-1, number 4294967295"})
    void refuses_other_tensor_types_by_name(int type, String name) {
        assertRefused(
                new GgufWriter().directoryLine("t", type, 0, 256).toBytes(),
                "tensor 't' has the type " + name + ", which Millrace does not read; it reads F32, F16, Q4_0");
    }

    @Test
    void refuses_dimensions_that_cannot_be() {
        assertRefused(tensor(0, 0), "has a dimension of 0");
        assertRefused(tensor(0, -1), "has a dimension of 18446744073709551615");
        assertRefused(tensor(0, 1L << 32, 1L << 31), "product fit 63 bits");
        assertRefused(tensor(0, 1L << 62), "is larger than any file");
        assertRefused(tensor(0), "has 0 dimensions; 1 to 4 are allowed");
        assertRefused(tensor(0, 1, 1, 1, 1, 1), "has 5 dimensions; 1 to 4 are allowed");
        assertRefused(
                new GgufWriter()
                        .directoryLine("t", TensorType.Q4_0.id(), 0, 48, 2)
                        .toBytes(),
                "is Q4_0 with rows of 48; rows must be multiples of 32");
    }

    @Test
    void refuses_tensors_outside_the_file_or_upon_another() {
        assertRefused(tensor(0, 1000), "tensor 't' needs the data bytes 0 to 4000, but the file has 0");
        assertRefused(tensor(1L << 62, 4), "needs the data bytes 4611686018427387904");
        assertRefused(tensor(4, 4), "has the offset 4, which is not a multiple of the alignment 32");
        assertRefused(tensor(-32, 4), "has the offset 18446744073709551584");
        byte[] overlapping = new GgufWriter()
                .tensor("a", TensorType.F32, new byte[64], 16)
                .directoryLine("b", TensorType.F32.id(), 32, 4)
                .toBytes();
        assertRefused(overlapping, "the tensors 'a' and 'b' overlap at data byte 32");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 24, 33, 1 << 31})
    void refuses_an_alignment_that_is_no_power_of_two_or_out_of_range(int alignment) {
        assertRefused(new GgufWriter().uint32("general.alignment", alignment).toBytes(), "general.alignment is ");
    }

    @Test
    void refuses_every_file_that_is_cut_short() {
        byte[] whole = new GgufWriter()
                .string("text", "value")
                .int32s("numbers", 1, 2, 3)
                .tensor("t", TensorType.F32, new byte[32], 8)
                .toBytes();
        assertThat(GgufHeader.read("file", MemorySegment.ofArray(whole)).tensors())
                .hasSize(1);

        for (int length = 0; length < whole.length; length++) {
            assertRefused(Arrays.copyOf(whole, length), "file: ");
        }
    }

    /// An empty file with counts that are lies.
    private static byte[] counts(long tensors, long keys) {
        ByteBuffer file = ByteBuffer.wrap(new GgufWriter().toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        return file.putLong(8, tensors).putLong(16, keys).array();
    }

    private static byte[] tensor(long offset, long... dimensions) {
        return new GgufWriter()
                .directoryLine("t", TensorType.F32.id(), offset, dimensions)
                .toBytes();
    }

    private static void assertRefused(byte[] file, String message) {
        assertThatThrownBy(() -> GgufHeader.read("file", MemorySegment.ofArray(file)))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining(message);
    }
}
