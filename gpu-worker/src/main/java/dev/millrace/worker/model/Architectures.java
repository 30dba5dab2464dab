package dev.millrace.worker.model;

import dev.millrace.worker.weights.UnusableModelException;
import java.util.List;
import java.util.stream.Collectors;

/// The families of models that can be served.
final class Architectures {

    private static final List<Architecture> SUPPORTED =
            List.of(new LlamaArchitecture(), new Qwen2Architecture(), new Qwen3Architecture());

    private Architectures() {}

    /// The family with that name; `file` is for the message of a refusal.
    static Architecture named(String name, String file) {
        return SUPPORTED.stream()
                .filter(architecture -> architecture.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new UnusableModelException("%s: the architecture \"%s\" is not supported; supported are %s"
                                .formatted(file, printable(name), names())));
    }

    private static String names() {
        return SUPPORTED.stream().map(Architecture::name).collect(Collectors.joining(", "));
    }

    private static String printable(String name) {
        String shown = name.codePoints()
                .limit(64)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return shown.length() < name.length() ? shown + "..." : shown;
    }
}
