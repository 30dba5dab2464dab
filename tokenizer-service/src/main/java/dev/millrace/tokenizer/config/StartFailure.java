package dev.millrace.tokenizer.config;

import dev.millrace.tokenizer.model.ModelRefusal;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;

/// Tells a user's mistakes from our own when the service does not start.
final class StartFailure {
    private StartFailure() {}

    /// One line on what the user can change, or empty when it is not the user's mistake.
    static Optional<String> describe(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StartRefusal || cause instanceof ModelRefusal) {
                return Optional.ofNullable(cause.getMessage()).map(StartFailure::oneLine);
            }
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (cause instanceof BindException setting) {
                return Optional.of(oneLine(describe(setting)));
            }
            if (cause instanceof IOException && message != null && message.startsWith("Failed to bind to address")) {
                return Optional.of(oneLine(listen(message, cause.getCause())));
            }
        }
        return Optional.empty();
    }

    private static String describe(BindException setting) {
        ConfigurationProperty property = setting.getProperty();
        return property == null
                ? "the setting " + setting.getName() + " cannot be used"
                : property.getName() + " is '" + property.getValue() + "', which is not a value of its type";
    }

    private static String listen(String message, @Nullable Throwable cause) {
        String address = message.substring(message.indexOf('/') + 1);
        String why = cause == null ? "" : String.valueOf(cause.getMessage());
        return why.contains("already in use")
                ? "the address " + address + " is in use"
                : "cannot listen on " + address + ": " + why;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }
}
