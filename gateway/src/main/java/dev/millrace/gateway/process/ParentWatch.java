package dev.millrace.gateway.process;

import java.io.IOException;

/// Notices the end of the process that started this one: standard input ends with it.
final class ParentWatch {
    private static final int CHUNK_BYTES = 64;

    private ParentWatch() {}

    static void start(Runnable onEnd) {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            byte[] ignored = new byte[CHUNK_BYTES];
            try {
                while (System.in.read(ignored) >= 0) {
                    // What the parent writes has no meaning.
                }
            } catch (IOException gone) {
                // As good as the end.
            }
            onEnd.run();
        });
    }
}
