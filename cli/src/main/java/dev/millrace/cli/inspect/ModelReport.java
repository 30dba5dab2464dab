package dev.millrace.cli.inspect;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufMetadata;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.gguf.GgufValue;
import dev.millrace.gguf.Printable;
import dev.millrace.gguf.TensorType;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A model file in words: one line for each key and tensor, then totals.
final class ModelReport {
    private static final int LONGEST_NAME = 60;
    private static final int TYPE_WIDTH = 7;

    private final StringBuilder report = new StringBuilder();

    private ModelReport() {}

    static String of(GgufFile file) {
        ModelReport report = new ModelReport();
        report.files(file);
        report.metadata(file);
        report.tensors(file.tensors());
        report.totals(file.tensors());
        return report.report.toString();
    }

    private void files(GgufFile file) {
        file.paths().forEach(path -> line(path.toString()));
        line("GGUF version " + file.version() + ", header digest " + file.digest());
    }

    private void metadata(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        line("");
        line("metadata: " + metadata.keys().size() + " keys");
        int width = width(metadata.keys(), ModelReport::name);
        for (String key : metadata.keys()) {
            GgufValue value = metadata.find(key).orElseThrow();
            line("  " + padded(name(key), width) + padded(value.type().label(), TYPE_WIDTH) + ValueText.of(value));
        }
    }

    private void tensors(List<GgufTensor> tensors) {
        line("");
        if (tensors.isEmpty()) {
            line("tensors: none, this is a vocabulary only");
            return;
        }
        line("tensors: " + tensors.size());
        int nameWidth = width(tensors, tensor -> name(tensor.name()));
        int shapeWidth = width(tensors, ModelReport::shape);
        for (GgufTensor tensor : tensors) {
            line("  " + padded(name(tensor.name()), nameWidth)
                    + padded(tensor.type().name(), TYPE_WIDTH)
                    + padded(shape(tensor), shapeWidth)
                    + grouped(tensor.byteSize(), 14) + " bytes");
        }
    }

    private void totals(List<GgufTensor> tensors) {
        Map<TensorType, List<GgufTensor>> byType =
                tensors.stream().collect(Collectors.groupingBy(GgufTensor::type, TreeMap::new, Collectors.toList()));
        if (!tensors.isEmpty()) {
            line("");
            line("totals:");
        }
        byType.forEach((type, group) -> total(type.name(), group));
        if (byType.size() > 1) {
            total("all", tensors);
        }
    }

    private void total(String label, List<GgufTensor> tensors) {
        line("  " + padded(label, TYPE_WIDTH)
                + grouped(tensors.size(), 7) + " tensors"
                + grouped(tensors.stream().mapToLong(GgufTensor::elementCount).sum(), 18) + " elements"
                + grouped(tensors.stream().mapToLong(GgufTensor::byteSize).sum(), 18) + " bytes");
    }

    private void line(String text) {
        report.append(text.stripTrailing()).append(System.lineSeparator());
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()) + 2);
    }

    private static String grouped(long number, int width) {
        String digits = String.format(Locale.ROOT, "%,d", number);
        return " ".repeat(Math.max(0, width - digits.length())) + digits;
    }

    /// Names come from the file: printed bare where they are harmless, quoted otherwise.
    private static String name(String name) {
        String quoted = Printable.quote(name, LONGEST_NAME);
        return quoted.equals("'" + name + "'") ? name : quoted;
    }

    private static String shape(GgufTensor tensor) {
        return Arrays.stream(tensor.dimensions()).mapToObj(Long::toString).collect(Collectors.joining(" x "));
    }

    private static <T> int width(Collection<T> things, Function<T, String> text) {
        return things.stream().map(text).mapToInt(String::length).max().orElse(1);
    }
}
