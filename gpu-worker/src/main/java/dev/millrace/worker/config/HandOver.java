package dev.millrace.worker.config;

import dev.millrace.worker.engine.StageSettings;
import dev.millrace.worker.ring.RingShape;
import java.util.Locale;
import java.util.Optional;

/// How rows go from stage to stage.
enum HandOver {
    /// In memory that both stages have, where they are on the same machine and that works; else in messages.
    AUTO,
    /// Always in messages.
    GRPC;

    /// @throws StartException when it is neither, and says so
    static HandOver of(String choice) throws StartException {
        return switch (choice.toLowerCase(Locale.ROOT)) {
            case "auto" -> AUTO;
            case "grpc" -> GRPC;
            default -> throw new StartException("--hand-over is \"" + choice + "\"; it has to be auto or grpc");
        };
    }

    /// The memory between two stages, where there may be any.
    Optional<RingShape> ring(StageSettings stage, int hiddenSize) {
        return this == GRPC
                ? Optional.empty()
                : Optional.of(new RingShape(stage.maxStepsHandedOver(), stage.batchTokens(), hiddenSize));
    }
}
