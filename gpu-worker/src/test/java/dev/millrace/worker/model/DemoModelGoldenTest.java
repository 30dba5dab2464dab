package dev.millrace.worker.model;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.reference.ReferenceDevice;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DemoModelGoldenTest {

    private static final float MARGIN = 0.01f;

    @Test
    void the_shipped_model_follows_its_goldens() throws IOException {
        try (Device device = new CpuDevice(1)) {
            follow(device, ModelFiles.ours(ModelFiles.DEMO), 20);
        }
    }

    @Test
    void the_reference_follows_the_goldens_too() throws IOException {
        try (Device device = new ReferenceDevice()) {
            follow(device, ModelFiles.ours(ModelFiles.DEMO), 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32", "f16", "q4_0", "q4_k_m"})
    void other_types_of_the_demo_model_follow_theirs(String type) throws IOException {
        Path model = ModelFiles.shared("demo-model/millrace-guide-" + type + ".gguf");
        try (Device device = new CpuDevice(1)) {
            follow(device, model, 5);
        }
    }

    private static void follow(Device device, Path model, int most) throws IOException {
        JsonNode goldens = ModelFiles.json(ModelFiles.ours("goldens.json"));
        JsonNode runs = goldens.get("files").get(String.valueOf(model.getFileName()));
        try (Pipeline pipeline = new Pipeline(model, device, 1, 512, 4, 64)) {
            for (int i = 0; i < most; i++) {
                JsonNode run = runs.get(i);
                int[] prompt =
                        ModelFiles.ints(goldens.get("conversations").get(i).get("prompt_ids"));
                int[] golden = ModelFiles.ints(run.get("greedy_ids"));
                int[] ids = pipeline.greedy(prompt, golden.length, 512);
                String what =
                        model.getFileName() + " " + run.get("conversation").asString();
                GreedyGoldens.assertSame(what, ids, golden, ModelFiles.floats(run.get("top2_gap")), MARGIN);
            }
        }
    }
}
