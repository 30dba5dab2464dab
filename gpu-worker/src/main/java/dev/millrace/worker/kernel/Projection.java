package dev.millrace.worker.kernel;

import org.jspecify.annotations.Nullable;

/// One matrix product of [Operations#project]: `target = matrix * x + bias`, or `target += ...` where `adds`.
///
/// @param matrix the weights `[rows, columns]`
/// @param bias `[rows]`, where the model has one
/// @param target `[.., rows]`
/// @param adds true for a residual connection
public record Projection(Matrix matrix, @Nullable DeviceVector bias, DeviceBuffer target, boolean adds) {

    public Projection {
        if (target.columns() != matrix.rows() || bias != null && bias.size() != matrix.rows()) {
            throw new IllegalArgumentException("target or bias does not have the matrix's " + matrix.rows() + " rows");
        }
    }
}
