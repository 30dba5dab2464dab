package dev.millrace.worker.config;

import java.io.Serial;

/// The worker cannot start; the message is one line for the person who started it.
final class StartException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message.replace('\n', ' '));
    }
}
