package dev.millrace.worker.config;

import java.util.ArrayList;
import java.util.List;

/// What a person asks for by `--device`.
///
/// @param ordinals the CUDA devices, in that order; empty for any
record DeviceChoice(Kind kind, List<Integer> ordinals) {

    enum Kind {
        /// The best that is there.
        AUTO,
        CPU,
        CUDA
    }

    private static final String CUDA_ORDINALS = "cuda:";

    DeviceChoice {
        ordinals = List.copyOf(ordinals);
    }

    /// Reads `auto`, `cpu`, `cuda`, `cuda:1` or `cuda:0,1`.
    ///
    /// @throws StartException for anything else, with what is wrong
    static DeviceChoice of(String text) throws StartException {
        return switch (text) {
            case "auto" -> new DeviceChoice(Kind.AUTO, List.of());
            case "cpu" -> new DeviceChoice(Kind.CPU, List.of());
            case "cuda" -> new DeviceChoice(Kind.CUDA, List.of());
            default -> {
                if (!text.startsWith(CUDA_ORDINALS)) {
                    throw new StartException(
                            "--device is \"" + text + "\"; it has to be auto, cpu, cuda, cuda:0 or cuda:0,1");
                }
                yield new DeviceChoice(Kind.CUDA, ordinals(text));
            }
        };
    }

    private static List<Integer> ordinals(String text) throws StartException {
        List<Integer> ordinals = new ArrayList<>();
        for (String word : text.substring(CUDA_ORDINALS.length()).split(",", -1)) {
            if (!word.matches("\\d{1,4}")) {
                throw new StartException("--device is \"" + text + "\": \"" + word
                        + "\" is not the number of a device, of which the first is 0");
            }
            int ordinal = Integer.parseInt(word);
            if (ordinals.contains(ordinal)) {
                throw new StartException("--device is \"" + text + "\", which has device " + ordinal + " twice");
            }
            ordinals.add(ordinal);
        }
        return ordinals;
    }
}
