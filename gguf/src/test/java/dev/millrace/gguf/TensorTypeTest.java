package dev.millrace.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTypeTest {
    private static final int HALF_TWO = 0x4000;
    private static final int HALF_MINUS_ONE = 0xBC00;

    @ParameterizedTest
    @EnumSource
    void random_blocks_decode_to_the_bit_as_llama_cpps_own_package_decodes_them(TensorType type) throws IOException {
        String[] golden = golden(type);
        byte[] blocks = HexFormat.of().parseHex(golden[1]);
        ByteBuffer expected = ByteBuffer.wrap(HexFormat.of().parseHex(golden[2]));
        float[] decoded = new float[expected.capacity() / Float.BYTES];

        type.dequantize(MemorySegment.ofArray(blocks), 0, decoded, 0, decoded.length);

        for (float element : decoded) {
            assertThat(Float.floatToRawIntBits(element)).isEqualTo(expected.getInt());
        }
    }

    @Test
    void q8_0_is_scale_times_signed_byte() {
        byte[] block = new LittleEndian()
                .int16(HALF_TWO)
                .int8(1)
                .int8(-128)
                .int8(127)
                .pad(34)
                .toBytes();

        assertThat(decode(TensorType.Q8_0, block)).startsWith(2, -256, 254, 0);
    }

    @Test
    void q4_0_has_element_j_low_and_element_j_plus_16_high() {
        byte[] block =
                new LittleEndian().int16(HALF_TWO).int8(0xF0).int8(0x88).pad(18).toBytes();

        float[] elements = decode(TensorType.Q4_0, block);

        assertThat(elements[0]).isEqualTo(-16);
        assertThat(elements[16]).isEqualTo(14);
        assertThat(elements[1]).isZero();
        assertThat(elements[17]).isZero();
    }

    @Test
    void q5_1_adds_the_minimum_and_takes_fifth_bits_by_element() {
        byte[] block = new LittleEndian()
                .int16(HALF_TWO)
                .int16(HALF_MINUS_ONE)
                .int32(1 << 31 | 1)
                .int8(0x0F)
                .pad(24)
                .toBytes();

        float[] elements = decode(TensorType.Q5_1, block);

        assertThat(elements[0]).isEqualTo(2 * 31 - 1);
        assertThat(elements[1]).isEqualTo(-1);
        assertThat(elements[31]).isEqualTo(2 * 16 - 1);
    }

    @Test
    void q4_k_splits_the_scales_of_its_upper_groups() {
        byte[] block = new byte[144];
        block[1] = (byte) (HALF_TWO >> 8);
        block[4] = (byte) 0xC0; // the two high bits of group 4's scale
        block[12] = 0x05; // its four low bits
        block[16 + 64] = 0x03; // the first element of group 4

        float[] elements = decode(TensorType.Q4_K, block);

        assertThat(elements[128]).isEqualTo(2 * 53 * 3);
        assertThat(elements[129]).isZero();
    }

    @Test
    void decodes_from_any_byte_to_any_place() {
        byte[] blocks =
                new LittleEndian().int8(0).int16(HALF_TWO).int8(3).pad(35).toBytes();
        float[] out = new float[40];

        TensorType.Q8_0.dequantize(MemorySegment.ofArray(blocks), 1, out, 8, 32);

        assertThat(out[7]).isZero();
        assertThat(out[8]).isEqualTo(6);
    }

    @Test
    void refuses_parts_of_blocks_and_places_outside() {
        MemorySegment block = MemorySegment.ofArray(new byte[34]);

        assertThatThrownBy(() -> TensorType.Q8_0.dequantize(block, 0, new float[32], 0, 16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("blocks of 32");
        assertThatThrownBy(() -> TensorType.Q8_0.dequantize(block, 1, new float[32], 0, 32))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> TensorType.Q8_0.dequantize(block, 0, new float[32], 1, 32))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void counts_the_bytes_of_rows() {
        assertThat(TensorType.Q6_K.rowBytes(512)).isEqualTo(420);
        assertThat(TensorType.BF16.rowBytes(3)).isEqualTo(6);
    }

    private static float[] decode(TensorType type, byte[] block) {
        float[] elements = new float[type.blockElements()];
        type.dequantize(MemorySegment.ofArray(block), 0, elements, 0, elements.length);
        return elements;
    }

    private static String[] golden(TensorType type) throws IOException {
        try (var resource = TensorTypeTest.class.getResourceAsStream("blocks.txt")) {
            Stream<String> lines = Arrays.stream(new String(resource.readAllBytes(), UTF_8).split("\n"));
            return lines.map(line -> line.split(" "))
                    .filter(line -> line[0].equals(type.name()))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
