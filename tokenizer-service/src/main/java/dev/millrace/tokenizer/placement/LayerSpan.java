package dev.millrace.tokenizer.placement;

import java.util.ArrayList;
import java.util.List;

/// A contiguous run of a model's layers.
///
/// @param first its first layer, from 0
/// @param count number of its layers
public record LayerSpan(int first, int count) {
    /// Splits layers evenly over stages; earlier stages take one more each where it does not come out even, because the
    /// last stage also has the output head.
    public static List<LayerSpan> split(int layers, int stages) {
        if (stages < 1 || stages > layers) {
            throw new IllegalArgumentException(
                    "a model of " + layers + " layers cannot be split into " + stages + " stages");
        }
        List<LayerSpan> spans = new ArrayList<>(stages);
        int first = 0;
        for (int stage = 0; stage < stages; stage++) {
            int count = layers / stages + (stage < layers % stages ? 1 : 0);
            spans.add(new LayerSpan(first, count));
            first += count;
        }
        return List.copyOf(spans);
    }
}
