package dev.millrace.gateway.process;

import java.io.IOException;
import java.security.Security;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/// The life of the process: it starts, says so in one line, and ends when it is told to or when its parent does.
///
/// Environment: `MILLRACE_EXIT_WITH_PARENT=true` ends the process at the end of standard input;
/// `MILLRACE_TRAIN=true` makes a short training run for the JVM's cache instead of serving.
public final class GatewayProcess {
    private GatewayProcess() {}

    /// Starts an application and returns while it serves.
    ///
    /// @param application the class with its configuration
    /// @param arguments Spring Boot's
    public static void start(Class<?> application, String[] arguments) {
        keepNamesFresh();
        if (isSet("MILLRACE_TRAIN")) {
            train(application, arguments);
            return;
        }
        ConfigurableApplicationContext context;
        try {
            context = new SpringApplication(application).run(arguments);
        } catch (RuntimeException reported) {
            // OneLineFailureReporter has told the user why.
            System.exit(1);
            return;
        }
        System.out.println("READY " + ServerAddress.of(context).url());
        if (isSet("MILLRACE_EXIT_WITH_PARENT")) {
            ParentWatch.start(() -> System.exit(0));
        }
    }

    private static void train(Class<?> application, String[] arguments) {
        int status = 1;
        try {
            status = TrainingRun.perform(application, arguments);
        } catch (IOException failed) {
            System.err.println("error: " + failed.getMessage());
        } catch (RuntimeException reported) {
            // As above.
        }
        System.exit(status);
    }

    /// A service that moves must be found again within a second, not within thirty.
    private static void keepNamesFresh() {
        Security.setProperty("networkaddress.cache.ttl", "1");
        Security.setProperty("networkaddress.cache.negative.ttl", "1");
        // gRPC's own cache of names reads this system property.
        System.setProperty("networkaddress.cache.ttl", "1");
    }

    private static boolean isSet(String variable) {
        return "true".equalsIgnoreCase(System.getenv(variable));
    }
}
