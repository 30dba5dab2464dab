package dev.millrace.worker.config;

import dev.millrace.worker.model.StageModel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is left to do for a stage when it serves: taking the memory that it has only reserved for its KV blocks, and
/// keeping its packed weights for the next start.
final class Settling {

    private static final Logger log = LoggerFactory.getLogger(Settling.class);

    /// A stage that just became ready has its first tokens to compute.
    private static final Duration FIRST_TOKENS = Duration.ofSeconds(3);

    private Settling() {}

    /// Takes the memory at once, where there is not so much that it may be put off.
    static void takeAll(StageModel model) {
        boolean more = true;
        while (more) {
            more = model.takeReserved();
        }
    }

    /// Does both in a thread of its own, which rests for as long as it works. (A lower priority would not do: steps
    /// wait
    /// for locks of the address space that this thread holds meanwhile.)
    ///
    /// @param taken is run when the memory is taken
    static void start(StageModel model, Runnable taken) {
        Thread.ofPlatform().name("settling").daemon().start(() -> {
            LockSupport.parkNanos(FIRST_TOKENS.toNanos());
            boolean more = true;
            while (more) {
                long begin = System.nanoTime();
                more = model.takeReserved();
                LockSupport.parkNanos(System.nanoTime() - begin);
            }
            taken.run();
            keepPacked(model);
        });
    }

    private static void keepPacked(StageModel model) {
        try {
            if (model.keepPacked()) {
                log.info("The packed weights are kept for the next start");
            }
        } catch (IOException e) {
            log.warn("The packed weights cannot be kept, starting takes longer: {}", e.toString());
        }
    }
}
