package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.reference.ReferenceDevice;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DemoModelTest {

    @Test
    void cpu_follows_the_goldens() throws IOException {
        try (Device device = new CpuDevice(1)) {
            follow(device, 20);
        }
    }

    @Test
    void reference_follows_the_goldens() throws IOException {
        try (Device device = new ReferenceDevice()) {
            follow(device, 2);
        }
    }

    private static void follow(Device device, int most) throws IOException {
        Path model = ModelFiles.ours(ModelFiles.DEMO);
        JsonNode goldens = ModelFiles.json(ModelFiles.ours("goldens.json"));
        try (Pipeline pipeline = new Pipeline(model, device, 1, 128, 4, 64)) {
            for (int i = 0; i < most; i++) {
                int[] prompt =
                        ModelFiles.ints(goldens.get("conversations").get(i).get("prompt_ids"));
                int[] wanted = ModelFiles.ints(
                        goldens.get("files").get(ModelFiles.DEMO).get(i).get("greedy_ids"));
                long t0 = System.nanoTime();
                int[] ids = pipeline.greedy(prompt, wanted.length, 512);
                System.out.println(device.description() + " " + wanted.length + " tokens "
                        + (System.nanoTime() - t0) / 1000000 + " ms");
                assertThat(ids).isEqualTo(wanted);
            }
        }
    }
}
