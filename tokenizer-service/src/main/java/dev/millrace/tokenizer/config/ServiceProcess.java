package dev.millrace.tokenizer.config;

import java.util.Arrays;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/// The life of the process around the application: exit codes, its parent, its training run.
public final class ServiceProcess {
    /// Exit code after a user's mistake, told in one line.
    static final int USER_ERROR = 2;

    private static final int OWN_ERROR = 1;

    private ServiceProcess() {}

    /// Starts the application; returns once it serves. With `MILLRACE_TRAIN=true` it starts on a free port, walks
    /// through
    /// a request and exits; with `MILLRACE_EXIT_WITH_PARENT=true` it exits when standard input ends.
    public static void run(Class<?> application, String[] arguments, Map<String, String> environment) {
        boolean train = isTrue(environment, "MILLRACE_TRAIN");
        SpringApplication spring = new SpringApplication(application);
        try {
            if (train) {
                train(spring.run(with(arguments, "--millrace.grpc.port=0")));
                System.exit(0);
            }
            if (isTrue(environment, "MILLRACE_EXIT_WITH_PARENT")) {
                ParentWatch.start(System.in, () -> System.exit(0));
            }
            spring.run(arguments);
        } catch (Throwable failure) {
            // Boot has reported it already.
            System.exit(StartFailure.describe(failure).isPresent() ? USER_ERROR : OWN_ERROR);
        }
    }

    private static void train(ConfigurableApplicationContext context) throws Exception {
        int port = context.getBean(GrpcServerLifecycle.class).getPort();
        TrainingRun.run(context.getBean(GrpcChannelFactory.class), "127.0.0.1:" + port);
        context.close();
    }

    private static boolean isTrue(Map<String, String> environment, String name) {
        return Boolean.parseBoolean(environment.get(name));
    }

    private static String[] with(String[] arguments, String last) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = last;
        return all;
    }
}
