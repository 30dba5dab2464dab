package dev.millrace.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Why a file could not be read, in words: the exceptions' own messages are often the path and nothing else.
public final class Unreadable {
    private Unreadable() {}

    public static String describe(Path file, IOException failure) {
        return switch (failure) {
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case AccessDeniedException denied -> denied.getFile() + " may not be read by this user";
            default -> file + ": " + failure.getMessage();
        };
    }
}
