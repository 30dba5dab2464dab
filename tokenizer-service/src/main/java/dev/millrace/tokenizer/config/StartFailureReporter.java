package dev.millrace.tokenizer.config;

import java.util.Optional;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/// Prints a user's mistake as one line on standard error, in place of Boot's report.
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailureReporter implements SpringBootExceptionReporter {
    /// Boot makes reporters with the context that failed.
    StartFailureReporter(ConfigurableApplicationContext context) {}

    @Override
    public boolean reportException(Throwable failure) {
        Optional<String> line = StartFailure.describe(failure);
        line.ifPresent(text -> System.err.println("error: " + text));
        return line.isPresent();
    }
}
