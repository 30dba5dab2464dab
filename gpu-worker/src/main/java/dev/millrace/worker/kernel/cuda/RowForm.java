package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import java.util.Locale;

/// How rows are before they are multiplied with matrices.
enum RowForm {
    /// As they are, for matrices of types without blocks.
    PLAIN,
    /// Rounded in blocks of 32 columns, for types with such blocks.
    BLOCKS,
    /// Rounded in blocks of 256 columns, for K types.
    SUPERBLOCKS;

    private static final int SUPERBLOCK_COLUMNS = 256;

    /// What matrices of a type take.
    static RowForm of(TensorType type) {
        return switch (type.blockElements()) {
            case 1 -> PLAIN;
            case SUPERBLOCK_COLUMNS -> SUPERBLOCKS;
            default -> BLOCKS;
        };
    }

    /// As names of kernels have it.
    String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }
}
