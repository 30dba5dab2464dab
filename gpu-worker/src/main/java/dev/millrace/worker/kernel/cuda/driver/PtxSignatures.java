package dev.millrace.worker.kernel.cuda.driver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The kernels that a PTX text declares, with the kinds of their arguments: the driver knows only how many bytes they
/// have in all, and takes whatever it gets.
public final class PtxSignatures {

    /// `.visible .entry name(` ... `)`; parameters of a kernel contain no parentheses.
    private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+([\\w$]+)\\s*\\(([^)]*)\\)");

    private static final Pattern PARAMETER = Pattern.compile("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.(\\w+)[^,]*");

    private final Map<String, List<ArgumentKind>> kinds;

    private PtxSignatures(Map<String, List<ArgumentKind>> kinds) {
        this.kinds = kinds;
    }

    /// @throws IllegalArgumentException where a kernel takes something that is neither an address nor 4 bytes of number
    public static PtxSignatures of(String ptx) {
        Map<String, List<ArgumentKind>> found = new LinkedHashMap<>();
        Matcher entry = ENTRY.matcher(ptx);
        while (entry.find()) {
            List<ArgumentKind> kinds = new ArrayList<>();
            Matcher parameter = PARAMETER.matcher(entry.group(2));
            while (parameter.find()) {
                kinds.add(kind(entry.group(1), parameter.group(1)));
            }
            found.put(entry.group(1), List.copyOf(kinds));
        }
        return new PtxSignatures(found);
    }

    private static ArgumentKind kind(String entry, String type) {
        return switch (type) {
            case "u64", "s64", "b64" -> ArgumentKind.ADDRESS;
            case "u32", "s32", "b32" -> ArgumentKind.WHOLE;
            case "f32" -> ArgumentKind.REAL;
            default -> throw new IllegalArgumentException("kernel %s takes a .%s".formatted(entry, type));
        };
    }

    /// In the order of the text.
    public Set<String> entries() {
        return kinds.keySet();
    }

    List<ArgumentKind> kinds(String entry) {
        List<ArgumentKind> declared = kinds.get(entry);
        if (declared == null) {
            throw new IllegalArgumentException("there is no kernel %s among %s".formatted(entry, kinds.keySet()));
        }
        return declared;
    }
}
