package dev.millrace.cli.bench.synth;

import dev.millrace.cli.UserError;
import dev.millrace.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Objects;

/// A large file that is there whole or not at all: it is written under another name beside the place where it will be.
final class NewFile {
    private NewFile() {}

    static void write(GgufWriter model, Path file) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "only a folder has no parent");
        checkSpace(model.byteSize(), Files.getFileStore(folder).getUsableSpace(), folder);
        Path part = folder.resolve(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        // For a signal; what fails is removed at once.
        part.toFile().deleteOnExit();
        try {
            model.write(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    static void checkSpace(long needed, long free, Path folder) {
        if (needed > free) {
            throw new UserError(
                    "the file needs %s, but %s has only %s left".formatted(readable(needed), folder, readable(free)));
        }
    }

    /// Why, in words: the exceptions' own messages are often the path and nothing else.
    static String describe(IOException failure) {
        return switch (failure) {
            case NoSuchFileException missing -> "its folder does not exist";
            case AccessDeniedException denied -> "its folder may not be written by this user";
            default -> String.valueOf(failure.getMessage());
        };
    }

    static String readable(long bytes) {
        double mebibytes = bytes / (double) (1 << 20);
        return mebibytes < 1024
                ? String.format(Locale.ROOT, "%.1f MiB", mebibytes)
                : String.format(Locale.ROOT, "%.2f GiB", mebibytes / 1024);
    }
}
