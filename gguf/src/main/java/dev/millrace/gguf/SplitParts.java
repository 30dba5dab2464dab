package dev.millrace.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds the files of a split model from any of them. Part `i` of `n` is named `<model>-0000i-of-0000n.gguf`, counted
/// from 1, and its metadata has `split.no` (from 0), `split.count` and `split.tensors.count`; only the first has the
/// rest.
final class SplitParts {
    private static final Pattern PART_NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final String COUNT = "split.count";
    private static final String NUMBER = "split.no";
    private static final String TENSORS = "split.tensors.count";

    private SplitParts() {}

    /// All parts in order, `opened` among them; just that where the model is not split.
    static List<GgufPart> join(GgufPart opened, Arena arena) throws IOException {
        long count = opened.header().metadata().integer(COUNT, 1);
        if (count <= 1) {
            return List.of(opened);
        }
        Path file = opened.path();
        Matcher name = PART_NAME.matcher(String.valueOf(file.getFileName()));
        if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
            throw new GgufException(
                    "%s: the file is a part of %d, so its name must end in -00001-of-%05d.gguf or so to find the others"
                            .formatted(file, count, count));
        }
        List<Path> paths = siblings(file, name.group(1), (int) count);
        List<GgufPart> parts = new ArrayList<>();
        int openedNumber = Integer.parseInt(name.group(2)) - 1;
        for (int number = 0; number < count; number++) {
            GgufPart part = number == openedNumber ? opened : GgufPart.map(paths.get(number), arena);
            checkKey(part, COUNT, count);
            checkKey(part, NUMBER, number);
            parts.add(part);
        }
        checkKey(
                parts.getFirst(),
                TENSORS,
                parts.stream().mapToLong(part -> part.header().tensors().size()).sum());
        return parts;
    }

    private static List<Path> siblings(Path file, String model, int count) {
        List<Path> paths = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            Path path = file.resolveSibling("%s-%05d-of-%05d.gguf".formatted(model, number, count));
            if (!Files.exists(path)) {
                throw new GgufException("%s: part %d of %d is missing: %s is not there"
                        .formatted(file, number, count, path.getFileName()));
            }
            paths.add(path);
        }
        return paths;
    }

    private static void checkKey(GgufPart part, String key, long expected) {
        long found = part.header().metadata().integer(key);
        if (found != expected) {
            throw new GgufException("%s: %s is %d, but it must be %d here; the parts do not belong together"
                    .formatted(part.path(), key, found, expected));
        }
    }
}
