package dev.millrace.tokenizer.pipeline;

import org.jspecify.annotations.Nullable;

/// The [PipelineHost] over real streams: one [ServedEpoch] at a time.
public final class PipelineKeeper implements PipelineHost {
    private final EpochOpening opening;
    private final PipelineRouter router;
    private @Nullable ServedEpoch current;

    /// Opens streams as `opening` says and lends them to `router`.
    public PipelineKeeper(EpochOpening opening, PipelineRouter router) {
        this.opening = opening;
        this.router = router;
    }

    @Override
    public void serve(long epoch, String address, Listener listener) {
        withdraw("epoch " + epoch + " begins");
        ServedEpoch next = new ServedEpoch(epoch, address, opening, router, listener);
        current = next;
        next.open();
    }

    @Override
    public void withdraw(String reason) {
        if (current != null) {
            current.close(reason);
            current = null;
        }
    }
}
