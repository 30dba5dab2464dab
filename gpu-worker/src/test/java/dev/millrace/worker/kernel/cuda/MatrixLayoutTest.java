package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatrixLayoutTest {

    @ParameterizedTest
    @EnumSource
    void whole_tiles_take_hardly_more_than_the_file_has(TensorType type) {
        MatrixLayout layout = MatrixLayout.of(type, 4096, 4096);
        long fileBytes = type.rowBytes(4096) * 4096;
        assertThat(layout.totalBytes()).isBetween(fileBytes, fileBytes + fileBytes / 32);
    }

    @ParameterizedTest
    @EnumSource
    void planes_begin_at_multiples_of_256_bytes_behind_each_other(TensorType type) {
        MatrixLayout layout = MatrixLayout.of(type, 17, 256);
        CudaMatrix matrix = new CudaMatrix(type, 17, 256, layout, 1 << 20);
        assertThat(layout.highOffset() % 256).isZero();
        assertThat(layout.scaleOffset() % 256).isZero();
        assertThat(layout.highOffset()).isGreaterThanOrEqualTo(layout.lowBytes());
        assertThat(layout.scaleOffset()).isGreaterThanOrEqualTo(layout.highOffset() + layout.highBytes());
        assertThat(layout.totalBytes()).isGreaterThanOrEqualTo(layout.scaleOffset() + layout.scaleBytes());
        assertThat(matrix.low()).isEqualTo(1 << 20);
        assertThat(matrix.high() == 0).isEqualTo(layout.highBytes() == 0);
        assertThat(matrix.scales() == 0).isEqualTo(layout.scaleBytes() == 0);
    }

    @Test
    void bits_and_scales_are_counted_by_tile() {
        assertThat(MatrixLayout.of(TensorType.Q8_0, 16, 32)).isEqualTo(new MatrixLayout(512, 0, 32));
        assertThat(MatrixLayout.of(TensorType.Q5_1, 17, 96)).isEqualTo(new MatrixLayout(2048, 512, 384));
        assertThat(MatrixLayout.of(TensorType.Q4_K, 16, 256)).isEqualTo(new MatrixLayout(2048, 0, 64 + 256));
        assertThat(MatrixLayout.of(TensorType.Q6_K, 16, 256)).isEqualTo(new MatrixLayout(2048, 1024, 32 + 256));
        assertThat(MatrixLayout.of(TensorType.BF16, 1, 5)).isEqualTo(new MatrixLayout(1024, 0, 0));
        assertThat(MatrixLayout.of(TensorType.F32, 1, 33)).isEqualTo(new MatrixLayout(4096, 0, 0));
    }

    @Test
    void large_matrices_are_counted_in_longs() {
        assertThat(MatrixLayout.of(TensorType.F32, 262_144, 16_384).totalBytes())
                .isEqualTo(16L << 30);
    }
}
