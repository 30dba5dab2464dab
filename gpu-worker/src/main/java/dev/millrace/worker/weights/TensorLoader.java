package dev.millrace.worker.weights;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Matrix;
import org.jspecify.annotations.Nullable;

/// Takes single tensors of the wanted shape from a file to a device.
final class TensorLoader {

    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private final GgufFile file;
    private final DeviceMemory memory;
    private final LoadProgress progress;
    private final long totalBytes;
    private long loadedBytes;

    TensorLoader(GgufFile file, DeviceMemory memory, LoadProgress progress, long totalBytes) {
        this.file = file;
        this.memory = memory;
        this.progress = progress;
        this.totalBytes = totalBytes;
    }

    boolean has(String name) {
        return file.tensor(name).isPresent();
    }

    /// The matrix `name.weight` and, where it is there, the vector `name.bias`.
    Linear linear(String name, int rows, int columns) {
        Matrix matrix = matrix(name + WEIGHT, rows, columns);
        return new Linear(matrix, has(name + BIAS) ? vector(name + BIAS, rows) : null);
    }

    /// As [#linear], but the bias has to be there.
    Linear biased(String name, int rows, int columns) {
        Matrix matrix = matrix(name + WEIGHT, rows, columns);
        return new Linear(matrix, vector(name + BIAS, rows));
    }

    Matrix matrix(String name, int rows, int columns) {
        GgufTensor tensor = tensor(name, rows, columns);
        Matrix matrix = memory.matrix(tensor.type(), rows, columns, tensor.data());
        count(tensor);
        return matrix;
    }

    DeviceVector vector(String name, int size) {
        GgufTensor tensor = tensor(name, 1, size);
        float[] values = new float[size];
        tensor.type().dequantize(tensor.data(), 0, values, 0, size);
        DeviceVector vector = memory.vector(values);
        count(tensor);
        return vector;
    }

    /// The vector `name.weight` where `wanted`.
    @Nullable
    DeviceVector vectorWhere(boolean wanted, String name, int size) {
        return wanted ? vector(name + WEIGHT, size) : null;
    }

    private GgufTensor tensor(String name, int rows, int columns) {
        GgufTensor tensor = file.tensor(name)
                .orElseThrow(() -> new UnusableModelException(
                        "%s: the tensor \"%s\" [%d, %d] is missing".formatted(place(), name, rows, columns)));
        if (tensor.rows() != rows || tensor.columns() != columns) {
            throw new UnusableModelException(
                    "%s: the tensor \"%s\" is [%d, %d], but the model's metadata ask for [%d, %d] (rows, columns)"
                            .formatted(place(), name, tensor.rows(), tensor.columns(), rows, columns));
        }
        return tensor;
    }

    private String place() {
        return file.paths().getFirst().toString();
    }

    private void count(GgufTensor tensor) {
        loadedBytes += tensor.byteSize();
        progress.loaded(loadedBytes, totalBytes);
    }
}
