package dev.millrace.worker.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.worker.model.ModelConfiguration;
import dev.millrace.worker.weights.ModelShape;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModelCostsTest {

    @Test
    void every_weight_of_a_matrix_is_two_operations_and_read_once() throws IOException {
        try (GgufFile file = GgufFile.open(Path.of("../models/millrace-guide-q8_0.gguf"))) {
            ModelShape shape = ModelConfiguration.read(file).shape();
            ModelCosts costs = ModelCosts.of(file);
            long embedding = (long) shape.vocabulary() * shape.hidden();
            long weights = file.tensors().stream()
                    .filter(tensor -> tensor.rows() > 1)
                    .mapToLong(GgufTensor::elementCount)
                    .sum();
            boolean tied = file.tensor("output.weight").isEmpty();

            assertThat(costs.tokenOperations() + costs.outputOperations())
                    .isEqualTo(2 * (tied ? weights : weights - embedding));
            assertThat(costs.outputOperations()).isEqualTo(2 * embedding);
            assertThat(costs.positionBytes()).isEqualTo(4L * shape.kvSize() * shape.layers());
            assertThat(costs.pairOperations()).isEqualTo(4L * shape.querySize() * shape.layers());
            assertThat(costs.weightBytes()).isEqualTo(WeightBytes.readPerToken(file));
        }
    }
}
