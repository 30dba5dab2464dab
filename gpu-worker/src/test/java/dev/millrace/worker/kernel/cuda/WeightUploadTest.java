package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.kernel.cuda.driver.MemoryDriver;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WeightUploadTest {

    private static final int CHUNK = 640;

    private final MemoryDriver driver = new MemoryDriver();

    @Test
    void data_of_any_size_arrives_in_chunks() {
        byte[] data = random(5 * CHUNK + 17);
        try (Stream stream = new Stream(driver);
                DeviceArray target = new DeviceArray(driver, data.length, "target");
                WeightUpload upload = new WeightUpload(driver, stream, CHUNK)) {
            upload.copy(MemorySegment.ofArray(data), target.address());
            upload.finish();
            assertThat(bytes(target.address(), data.length)).isEqualTo(data);
        }
        assertThat(driver.copiesToDevice()).isEqualTo(6);
        assertThat(driver.leaks()).isEmpty();
    }

    @Test
    void rows_are_taken_by_whole_tiles() {
        int rows = 75;
        int rowBytes = 20;
        byte[] data = random(rows * rowBytes);
        byte[] taken = new byte[data.length];
        List<String> chunks = new ArrayList<>();
        try (Stream stream = new Stream(driver);
                WeightUpload upload = new WeightUpload(driver, stream, CHUNK)) {
            upload.copyRows(MemorySegment.ofArray(data), rowBytes, rows, (address, first, count) -> {
                chunks.add(first + "+" + count);
                stream.synchronize();
                System.arraycopy(bytes(address, count * rowBytes), 0, taken, first * rowBytes, count * rowBytes);
            });
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> upload.copyRows(MemorySegment.ofArray(data), 50, 1, (address, first, count) -> {}))
                    .withMessage("rows of 50 bytes are too long: 16 of them go to the device in 640 bytes");
        }
        assertThat(chunks).containsExactly("0+32", "32+32", "64+11");
        assertThat(taken).isEqualTo(data);
    }

    @Test
    void a_refusal_leaks_nothing() {
        for (int place = 0; place < 5; place++) {
            driver.failAfter(place + 1);
            try (Stream stream = new Stream(driver)) {
                assertThatExceptionOfType(CudaException.class)
                        .isThrownBy(() -> new WeightUpload(driver, stream, CHUNK).close());
            }
            assertThat(driver.hasFailed()).isTrue();
            assertThat(driver.leaks()).isEmpty();
        }
    }

    private static byte[] random(int count) {
        byte[] data = new byte[count];
        new Random(1).nextBytes(data);
        return data;
    }

    private static byte[] bytes(long address, long count) {
        return MemoryDriver.at(address, count).toArray(ValueLayout.JAVA_BYTE);
    }
}
