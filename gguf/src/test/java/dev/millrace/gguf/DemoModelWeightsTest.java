package dev.millrace.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.gguf.testing.SharedData;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The quantised files against the F32 file they were made from; the expected errors are those of the model's README.
class DemoModelWeightsTest {
    @ParameterizedTest
    @CsvSource({
        "f16, F16, 0.0002",
        "q8_0, Q8_0, 0.0054",
        "q4_0, Q4_0, 0.0857",
        "q4_0, Q6_K, 0.0176",
        "q4_k_m, Q4_K, 0.0719",
        "q4_k_m, Q6_K, 0.0175"
    })
    void weights_differ_from_float32_by_the_error_of_their_type(String file, TensorType type, double error)
            throws IOException {
        Path folder = SharedData.folder("demo-model");
        try (GgufFile exact = GgufFile.open(folder.resolve("millrace-guide-f32.gguf"));
                GgufFile rounded = GgufFile.open(folder.resolve("millrace-guide-" + file + ".gguf"))) {
            double mean = rounded.tensors().stream()
                    .filter(tensor -> tensor.type() == type)
                    .mapToDouble(tensor -> relativeError(values(tensor), values(exact.requireTensor(tensor.name()))))
                    .average()
                    .orElseThrow();

            assertThat(mean).isCloseTo(error, within(0.00006));
        }
    }

    private static float[] values(GgufTensor tensor) {
        float[] values = new float[(int) tensor.elementCount()];
        tensor.type().dequantize(tensor.data(), 0, values, 0, values.length);
        return values;
    }

    private static double relativeError(float[] rounded, float[] exact) {
        double difference = 0;
        double size = 0;
        for (int index = 0; index < exact.length; index++) {
            difference += Math.pow((double) rounded[index] - exact[index], 2);
            size += Math.pow(exact[index], 2);
        }
        return Math.sqrt(difference / size);
    }
}
