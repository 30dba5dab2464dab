package dev.millrace.tokenizer.pipeline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Sees to it that a recent token vouches for the pipeline: an idle one gets a canary. Used on the service loop only.
public final class PipelineProbe {
    /// A pipeline whose last token is younger needs no canary.
    static final Duration FRESH = Duration.ofSeconds(10);

    /// How long a canary of an idle pipeline may take.
    static final Duration DEADLINE = Duration.ofSeconds(2);

    private final EpochOpening opening;
    private final PipelineRouter router;
    private final TokenClock tokenClock;
    private final List<Runnable> waiting = new ArrayList<>();

    /// A probe of the pipeline that `router` serves from.
    public PipelineProbe(EpochOpening opening, PipelineRouter router, TokenClock tokenClock) {
        this.opening = opening;
        this.router = router;
        this.tokenClock = tokenClock;
    }

    /// Runs `then` at once when a token came out lately or there is no pipeline, else after a canary, however it went.
    /// Calls that come while one is on its way share it.
    public void refresh(Runnable then) {
        PipelineSession session = router.session();
        if (session == null || isFresh()) {
            then.run();
            return;
        }
        waiting.add(then);
        if (waiting.size() == 1) {
            Canary.send(session, opening.canaryOrder(), opening.loop(), DEADLINE, cameOut -> settle());
        }
    }

    private boolean isFresh() {
        return tokenClock.age().map(age -> age.compareTo(FRESH) < 0).orElse(false);
    }

    private void settle() {
        List<Runnable> settled = List.copyOf(waiting);
        waiting.clear();
        settled.forEach(Runnable::run);
    }
}
