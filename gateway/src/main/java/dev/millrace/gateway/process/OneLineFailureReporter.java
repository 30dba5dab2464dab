package dev.millrace.gateway.process;

import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/// Tells a user in one line on standard error why the gateway does not start.
@Order(Ordered.HIGHEST_PRECEDENCE)
final class OneLineFailureReporter implements SpringBootExceptionReporter {
    OneLineFailureReporter() {}

    @Override
    public boolean reportException(Throwable failure) {
        System.err.println("error: " + describe(failure));
        return true;
    }

    static String describe(Throwable failure) {
        Throwable cause = failure;
        while (!(cause instanceof PortInUseException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof PortInUseException inUse) {
            return "port " + inUse.getPort() + " is in use; choose another one with --server.port";
        }
        String message = cause.getMessage();
        String text = message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
