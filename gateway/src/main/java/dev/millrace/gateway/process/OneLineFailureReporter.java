package dev.millrace.gateway.process;

import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import reactor.netty.ChannelBindException;

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
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException inUse) {
                return "port " + inUse.getPort() + " is in use; choose another one with --server.port";
            }
            if (cause instanceof ChannelBindException bind) {
                return "cannot listen on " + bind.localHost() + ":" + bind.localPort() + ": " + bottom(bind);
            }
            if (cause instanceof BindException setting && setting.getProperty() != null) {
                return setting.getName() + " cannot be \""
                        + setting.getProperty().getValue() + "\": " + bottom(setting);
            }
        }
        return bottom(failure);
    }

    private static String bottom(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        String text = message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
