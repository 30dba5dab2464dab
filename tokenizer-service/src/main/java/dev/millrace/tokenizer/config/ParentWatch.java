package dev.millrace.tokenizer.config;

import java.io.IOException;
import java.io.InputStream;

/// Ends the process with its parent: the parent holds the other end of standard input, which closes with it, however it
/// ended.
final class ParentWatch {
    private ParentWatch() {}

    /// Runs `atEnd` on a thread of its own once `input` ends.
    static Thread start(InputStream input, Runnable atEnd) {
        return Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            try {
                while (input.read() >= 0) {
                    // What the parent says does not matter.
                }
            } catch (IOException e) {
                // A broken pipe is an end, too.
            }
            atEnd.run();
        });
    }
}
