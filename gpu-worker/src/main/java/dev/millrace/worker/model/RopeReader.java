package dev.millrace.worker.model;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.weights.UnusableModelException;
import java.util.Arrays;
import java.util.Optional;

/// Frequencies of rotary positions: `base^(-2 i / n)`, divided by the factors of `rope_freqs.weight` where the file has
/// them (Llama 3.1 and later), and scaled for long contexts as the metadata say.
final class RopeReader {

    private static final String FACTORS = "rope_freqs.weight";

    private final GgufFile file;
    private final Hyperparameters values;
    private final RopePairs pairs;
    private final int dimensions;
    private final float base;

    RopeReader(GgufFile file, Hyperparameters values, RopePairs pairs, int headSize) {
        this.file = file;
        this.values = values;
        this.pairs = pairs;
        dimensions = values.positive("rope.dimension_count", headSize, headSize);
        if (dimensions % 2 != 0) {
            throw values.refusal("rope.dimension_count", Integer.toString(dimensions), "has to be even");
        }
        base = values.number("rope.freq_base", 1f, 1e15f, 10_000f);
    }

    RopeFrequencies read() {
        double[] plain = new double[dimensions / 2];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = Math.pow(base, -2.0 * i / dimensions);
        }
        divideByFactors(plain);
        String scaling = values.text("rope.scaling.type", values.has("rope.scale_linear") ? "linear" : "none");
        return switch (scaling) {
            case "none" -> new RopeFrequencies(plain, 1f, pairs);
            case "linear" -> new RopeFrequencies(linear(plain), 1f, pairs);
            case "yarn" -> yarn(plain);
            default -> throw values.refusal("rope.scaling.type", scaling, "supported are none, linear and yarn");
        };
    }

    private void divideByFactors(double[] frequencies) {
        Optional<GgufTensor> found = file.tensor(FACTORS);
        if (found.isEmpty()) {
            return;
        }
        GgufTensor tensor = found.get();
        String place = file.paths().getFirst() + ": the tensor \"" + FACTORS + "\"";
        if (tensor.elementCount() != frequencies.length) {
            throw new UnusableModelException(
                    "%s has %d values instead of %d".formatted(place, tensor.elementCount(), frequencies.length));
        }
        float[] factors = new float[frequencies.length];
        tensor.type().dequantize(tensor.data(), 0, factors, 0, factors.length);
        for (int i = 0; i < factors.length; i++) {
            if (!(factors[i] > 0f && factors[i] < Float.POSITIVE_INFINITY)) {
                throw new UnusableModelException("%s has the factor %s".formatted(place, factors[i]));
            }
            frequencies[i] /= factors[i];
        }
    }

    private float factor() {
        String key = values.has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear";
        return values.number(key, 1e-3f, 1e6f, 1f);
    }

    private double[] linear(double[] plain) {
        float factor = factor();
        return Arrays.stream(plain).map(frequency -> frequency / factor).toArray();
    }

    /// YaRN (Peng and others, 2023) with the names and defaults of llama.cpp: slow pairs are interpolated, fast ones
    /// are left, those between are mixed, and everything gets a little larger.
    private RopeFrequencies yarn(double[] plain) {
        float factor = factor();
        int trained = values.positive(
                "rope.scaling.original_context_length", 1 << 26, values.positive("context_length", 1 << 26));
        float mix = values.number("rope.scaling.yarn_ext_factor", 0f, 1f, 1f);
        double low = Math.floor(pairTurning(values.number("rope.scaling.yarn_beta_fast", 1e-3f, 1e6f, 32f), trained));
        double high = Math.ceil(pairTurning(values.number("rope.scaling.yarn_beta_slow", 1e-3f, 1e6f, 1f), trained));
        low = Math.max(0, low);
        high = Math.min(dimensions - 1.0, high);
        double[] scaled = new double[plain.length];
        for (int i = 0; i < plain.length; i++) {
            double ramp = (i - low) / Math.max(0.001, high - low);
            double kept = mix * (1 - Math.clamp(ramp, 0.0, 1.0));
            scaled[i] = plain[i] / factor * (1 - kept) + plain[i] * kept;
        }
        float magnitude = values.number(
                "rope.scaling.yarn_attn_factor",
                1e-3f,
                1e3f,
                values.number("rope.scaling.attn_factor", 1e-3f, 1e3f, 1f));
        if (mix != 0f) {
            magnitude *= (float) (1 + 0.1 * Math.log(factor));
        }
        return new RopeFrequencies(scaled, magnitude, pairs);
    }

    /// The pair, as a fraction, that turns `rotations` times over the context that the model was trained for.
    private double pairTurning(float rotations, int trainedContext) {
        return dimensions * Math.log(trainedContext / (rotations * 2 * Math.PI)) / (2 * Math.log(base));
    }
}
