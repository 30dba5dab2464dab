package dev.millrace.worker.config;

import java.io.Serial;

/// This worker cannot hold the stage that it was ordered to hold; the message is meant for a person.
final class StageRefusedException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    StageRefusedException(String message) {
        super(message);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
