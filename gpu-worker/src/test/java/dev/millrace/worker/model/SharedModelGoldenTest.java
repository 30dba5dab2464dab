package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.SamplingParameters;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Small Llama models of several types against runs of llama.cpp and of a float32 reference.
class SharedModelGoldenTest {

    private static final String FOLDER = "data/models/";
    /// The float32 reference dequantises as we do, but does not round activations to bytes for quantised weights: the
    /// margin of those types is the one that llama.cpp keeps, which rounds them too.
    @ParameterizedTest
    @CsvSource({
        "stories260K-f32.gguf, 0.002",
        "stories260K-f16.gguf, 0.002",
        "stories260K-bf16.gguf, 0.002",
        "stories260K-q8_0.gguf, 0.1",
        "stories260K-q4_0.gguf, 0.1",
        "llama-2-tiny-random.gguf, 0.002"
    })
    void greedy_ids_equal_those_of_the_float32_reference(String model, float margin) throws IOException {
        try (Device device = new CpuDevice(1)) {
            follow(device, model, KvType.F32, "numpy_f32", margin, Integer.MAX_VALUE);
        }
    }

    /// llama.cpp keeps keys and values as f16 too, and rounds activations to bytes for quantised weights. f16 decides
    /// otherwise at gaps of up to 0.033.
    @ParameterizedTest
    @CsvSource({
        "stories260K-f32.gguf, 0.04",
        "stories260K-f16.gguf, 0.04",
        "stories260K-bf16.gguf, 0.04",
        "stories260K-q8_0.gguf, 0.1",
        "stories260K-q4_0.gguf, 0.1",
        "llama-2-tiny-random.gguf, 0.04"
    })
    void greedy_ids_equal_those_of_the_peer(String model, float margin) throws IOException {
        try (Device device = new CpuDevice(1)) {
            follow(device, model, KvType.F16, "llama_cpp", margin, Integer.MAX_VALUE);
        }
    }

    /// The beginning of each run, with the margins that the CPU keeps.
    @ParameterizedTest
    @CsvSource({
        "stories260K-f32.gguf, F32, numpy_f32, 0.002",
        "stories260K-f16.gguf, F16, llama_cpp, 0.04",
        "stories260K-bf16.gguf, F16, llama_cpp, 0.04",
        "stories260K-q8_0.gguf, F16, llama_cpp, 0.1",
        "stories260K-q4_0.gguf, F16, llama_cpp, 0.1",
        "llama-2-tiny-random.gguf, F32, numpy_f32, 0.002"
    })
    void greedy_ids_of_a_cuda_device_equal_theirs(String model, KvType type, String whose, float margin)
            throws IOException {
        FakeDriver.start(1);
        try (Device device = FakeDevice.open(new StepLedger(), true)) {
            follow(device, model, type, whose, margin, 8);
        }
    }

    /// @param most tokens of each run that are looked at
    private static void follow(Device device, String model, KvType type, String whose, float margin, int most)
            throws IOException {
        JsonNode goldens = ModelFiles.json(ModelFiles.shared(FOLDER + "goldens-greedy.json"));
        try (Pipeline pipeline = new Pipeline(ModelFiles.shared(FOLDER + model), device, 1, 64, 4, 64, type)) {
            for (JsonNode run : goldens.get("cases")) {
                if (run.get("model").asString().equals(model)) {
                    int[] prompt = ModelFiles.ints(run.get("input_ids"));
                    int[] all = ModelFiles.ints(run.get(whose).get("ids"));
                    int[] golden = Arrays.copyOf(all, Math.min(all.length, most));
                    float[] gaps = ModelFiles.floats(run.get("numpy_f32").get("gaps"));
                    int[] ids = pipeline.greedy(prompt, golden.length, 16);
                    String what = model + " after " + Arrays.toString(prompt);
                    GreedyGoldens.assertSame(what, ids, golden, Arrays.copyOf(gaps, golden.length), margin);
                }
            }
        }
    }

    /// llama.cpp rounds activations and KV; the tolerances are what a float64 forward pass differs from it at the most.
    /// For quantised weights we round activations too, in other places than it does, and the two add up.
    @ParameterizedTest
    @CsvSource({"f32, 0.0034", "f16, 0.0044", "bf16, 0.0299", "q8_0, 0.05", "q4_0, 0.06"})
    void probabilities_are_close_to_the_teacher_forced_goldens(String type, float tolerance) throws IOException {
        String model = "stories260K-" + type + ".gguf";
        JsonNode goldens = ModelFiles.json(ModelFiles.shared(FOLDER + "goldens-teacher-forced.json"));
        try (Device device = new CpuDevice(1);
                Pipeline pipeline = new Pipeline(ModelFiles.shared(FOLDER + model), device, 1, 64, 4, 64, KvType.F32)) {
            for (JsonNode run : goldens.get("cases")) {
                if (run.get("model").asString().equals(model)) {
                    compare(pipeline, run, tolerance);
                }
            }
        }
    }

    private static void compare(Pipeline pipeline, JsonNode run, float tolerance) {
        int[] ids = ModelFiles.ints(run.get("ids"));
        Pipeline.Sequence sequence = pipeline.sequence(new int[] {ids[0]}, ids.length);
        for (int i = 0; i < ids.length; i++) {
            pipeline.step(List.of(sequence), 1, SamplingParameters.GREEDY);
            double[] probabilities = softmax(sequence.logits);
            for (JsonNode likely : run.get("top5").get(i)) {
                assertThat(probabilities[likely.get(0).asInt()])
                        .as("id %s after position %d", likely.get(0), i)
                        .isCloseTo(likely.get(1).asDouble(), Offset.offset((double) tolerance));
            }
            if (i + 1 < ids.length) {
                sequence.append(ids[i + 1]);
            }
        }
    }

    private static double[] softmax(float[] logits) {
        double[] weights = new double[logits.length];
        double total = 0;
        for (int i = 0; i < logits.length; i++) {
            weights[i] = Math.exp(logits[i]);
            total += weights[i];
        }
        for (int i = 0; i < logits.length; i++) {
            weights[i] /= total;
        }
        return weights;
    }
}
