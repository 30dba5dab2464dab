package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.Matrix;

/// A matrix in tiles of 16 rows by 32 columns, see [MatrixLayout].
///
/// @param address of the first plane on the device
record CudaMatrix(TensorType type, int rows, int columns, MatrixLayout layout, long address) implements Matrix {

    /// The quants, or their low bits, or plain values.
    long low() {
        return address;
    }

    /// The high bits of quants; 0 where the type has none.
    long high() {
        return layout.highBytes() == 0 ? 0 : address + layout.highOffset();
    }

    /// Scales and minimums; 0 where the type has none.
    long scales() {
        return layout.scaleBytes() == 0 ? 0 : address + layout.scaleOffset();
    }
}
