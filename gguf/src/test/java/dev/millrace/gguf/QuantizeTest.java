package dev.millrace.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizeTest {
    private static final int ELEMENTS = 1 << 14;

    /// The errors for normally distributed numbers, relative to their size; those of the simple types follow from the
    /// step between codes, those of the others are what llama.cpp's own quantisers reach.
    @ParameterizedTest
    @CsvSource({
        "F32, 0",
        "F16, 0.0003",
        "BF16, 0.003",
        "Q8_0, 0.006",
        "Q4_0, 0.095",
        "Q4_1, 0.085",
        "Q5_0, 0.046",
        "Q5_1, 0.040",
        "Q4_K, 0.075",
        "Q5_K, 0.038",
        "Q6_K, 0.020"
    })
    void numbers_come_back_within_the_error_of_their_type(TensorType type, double most) {
        float[] exact = normal(1);

        assertThat(relativeError(exact, roundTrip(type, exact))).isBetween(most / 2, most);
    }

    @ParameterizedTest
    @EnumSource
    void the_size_of_the_numbers_does_not_matter(TensorType type) {
        float[] large = normal(1000);
        float[] small = normal(0.01f);

        assertThat(relativeError(large, roundTrip(type, large))).isLessThan(0.1);
        assertThat(relativeError(small, roundTrip(type, small))).isLessThan(0.1);
    }

    @ParameterizedTest
    @EnumSource
    void zeros_come_back_as_zeros(TensorType type) {
        for (float back : roundTrip(type, new float[256])) {
            assertThat(back).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void equal_numbers_come_back_nearly_equal(TensorType type) {
        for (float number : new float[] {3, -3, 0.7f}) {
            float[] equal = new float[256];
            Arrays.fill(equal, number);

            for (float back : roundTrip(type, equal)) {
                assertThat(back).isBetween(number - Math.abs(number) / 15, number + Math.abs(number) / 15);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void one_outlier_keeps_its_size_and_drags_no_other_block(TensorType type) {
        float[] exact = new float[512];
        exact[17] = -1000;
        exact[300] = 0.5f;

        float[] back = roundTrip(type, exact);

        assertThat(back[17]).isBetween(-1040f, -960f);
        assertThat(back[300]).isBetween(0.48f, 0.52f);
        // A minimum that is rounded to f16 does not quite cancel the code that stands for 0.
        assertThat(back[18]).isBetween(-0.5f, 0.5f);
    }

    @ParameterizedTest
    @EnumSource
    void numbers_too_small_for_the_scale_come_back_small(TensorType type) {
        float[] tiny = new float[256];
        tiny[3] = 1e-30f;
        tiny[200] = -Float.MIN_VALUE;

        for (float back : roundTrip(type, tiny)) {
            assertThat(Math.abs(back)).isLessThan(1e-7f);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void what_is_no_finite_number_is_refused(float value) {
        for (TensorType type : TensorType.values()) {
            float[] in = new float[256];
            in[255] = value;

            assertThatThrownBy(() -> roundTrip(type, in))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("element 255 is " + value + "; " + type + " holds numbers up to ");
        }
    }

    @Test
    void a_number_that_would_round_to_infinity_is_refused() {
        float[] in = new float[256];
        in[0] = Float.MAX_VALUE;

        for (TensorType type : TensorType.values()) {
            if (type == TensorType.F32) {
                assertThat(roundTrip(type, in)[0]).isEqualTo(Float.MAX_VALUE);
            } else {
                assertThatThrownBy(() -> roundTrip(type, in)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_largest_numbers_that_are_taken_come_back_finite(TensorType type) {
        float[] in = new float[256];
        in[0] = 65504;
        in[1] = -65504;

        for (float back : roundTrip(type, in)) {
            assertThat(back).isFinite();
        }
    }

    @Test
    void quantises_from_any_place_to_any_byte() {
        float[] in = new float[40];
        in[8] = 127;
        MemorySegment data = MemorySegment.ofArray(new byte[36]);

        TensorType.Q8_0.quantize(in, 8, 32, data, 1);

        float[] out = new float[32];
        TensorType.Q8_0.dequantize(data, 1, out, 0, 32);
        assertThat(out[0]).isEqualTo(127);
        assertThatThrownBy(() -> TensorType.Q8_0.quantize(in, 9, 32, data, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> TensorType.Q8_0.quantize(in, 0, 32, data, 3))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> TensorType.Q8_0.quantize(in, 0, 16, data, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bfloat16_rounds_ties_to_even() {
        float[] ties = {Float.intBitsToFloat(0x3F808000), Float.intBitsToFloat(0x3F818000)};

        assertThat(roundTrip(TensorType.BF16, ties)).containsExactly(1f, Float.intBitsToFloat(0x3F820000));
    }

    private static float[] normal(float size) {
        Random random = new Random(7);
        float[] numbers = new float[ELEMENTS];
        for (int index = 0; index < ELEMENTS; index++) {
            numbers[index] = size * (float) random.nextGaussian();
        }
        return numbers;
    }

    private static float[] roundTrip(TensorType type, float[] exact) {
        MemorySegment data = MemorySegment.ofArray(new byte[(int) type.rowBytes(exact.length)]);
        float[] back = new float[exact.length];
        type.quantize(exact, 0, exact.length, data, 0);
        type.dequantize(data, 0, back, 0, back.length);
        return back;
    }

    private static double relativeError(float[] exact, float[] back) {
        double difference = 0;
        double size = 0;
        for (int index = 0; index < exact.length; index++) {
            difference += Math.pow((double) back[index] - exact[index], 2);
            size += Math.pow(exact[index], 2);
        }
        return Math.sqrt(difference / size);
    }
}
