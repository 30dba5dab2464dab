package dev.millrace.worker.kernel;

import org.jspecify.annotations.Nullable;

/// The first half of a gated feed-forward: `g / (1 + exp(-g)) * u`, where `g = gate * x + gateBias` and
/// `u = up * x + upBias`.
///
/// @param gate `[F, H]`
/// @param gateBias `[F]`, where the model has one
/// @param up `[F, H]`
/// @param upBias `[F]`, where the model has one
public record Gate(
        Matrix gate,
        @Nullable DeviceVector gateBias,
        Matrix up,
        @Nullable DeviceVector upBias) {

    public Gate {
        if (gate.rows() != up.rows() || gate.columns() != up.columns()) {
            throw new IllegalArgumentException("gate is [%d, %d], but up is [%d, %d]"
                    .formatted(gate.rows(), gate.columns(), up.rows(), up.columns()));
        }
    }
}
