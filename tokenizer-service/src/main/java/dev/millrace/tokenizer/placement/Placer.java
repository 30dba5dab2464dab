package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.StageState;
import dev.millrace.tokenizer.loop.ServiceLoop;
import dev.millrace.tokenizer.pipeline.PipelineHost;
import java.time.InstantSource;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Forms the pipeline out of the registered workers and forms it anew when something of it is lost; used on the service
/// loop only. Workers beyond the pipeline's stages wait as spares.
final class Placer {
    private static final Logger LOG = LoggerFactory.getLogger(Placer.class);

    private final PipelineShape shape;
    private final ServiceLoop loop;
    private final PipelineHost host;
    private final Epochs epochs;
    private final Backoff backoff = new Backoff();
    private final Collection<Worker> workers;
    private @Nullable Placed placed;
    private ServiceLoop.@Nullable Timer retry;
    private boolean serving;
    private String trouble = "";

    /// `workers` is a live view of the registered workers in the order of their registration.
    Placer(PipelineShape shape, ServiceLoop loop, PipelineHost host, InstantSource clock, Collection<Worker> workers) {
        this.shape = shape;
        this.loop = loop;
        this.host = host;
        this.workers = workers;
        epochs = new Epochs(clock);
    }

    /// The present epoch's stages, if any.
    @Nullable
    Placed placed() {
        return placed;
    }

    /// Why the pipeline does not serve, in one sentence; empty when it does.
    String reason() {
        if (serving) {
            return "";
        }
        String state;
        if (workers.size() < shape.stages()) {
            state = workers.size() + " of " + shape.stages() + " workers are registered.";
        } else if (placed == null) {
            state = "The pipeline will be formed again in a moment.";
        } else if (!placed.isReady()) {
            state = placed.progress();
        } else {
            state = "The stages are ready; their first token has not come out yet.";
        }
        return trouble.isEmpty() ? state : state + " Last trouble: " + trouble;
    }

    /// A worker registered: it may be the one that was missing.
    void added() {
        if (placed == null) {
            backoff.reset();
            place();
        }
    }

    /// A worker is gone.
    void removed(Worker worker, String why) {
        Placed current = placed;
        if (current != null && current.stageOf(worker) >= 0) {
            dissolve("worker " + worker.id() + " (stage " + current.stageOf(worker) + ") is lost: " + why);
            place();
        }
    }

    /// A worker told the state of its stage.
    void state(Worker worker, StageState state) {
        Placed current = placed;
        if (current == null || state.getEpoch() != current.epoch() || current.stageOf(worker) < 0) {
            return;
        }
        int stage = current.stageOf(worker);
        String who = "worker " + worker.id() + " (stage " + stage + ")";
        switch (state.getPhase()) {
            case STAGE_PHASE_READY -> ready(current, stage, who, state);
            case STAGE_PHASE_FAILED -> {
                worker.failed();
                dissolve(who + " cannot hold its stage: " + state.getMessage());
                placeLater();
            }
            case STAGE_PHASE_LINK_LOST -> {
                // Most often the neighbour died and its own stream will say so in a moment.
                dissolve(who + " lost a link: " + state.getMessage());
                placeLater();
            }
            default -> worker.progress(state.getMessage());
        }
    }

    /// Leaves the pipeline for good.
    void close() {
        cancelRetry();
        if (placed != null) {
            placed = null;
            host.withdraw("the tokenizer-service is shutting down");
        }
    }

    private void ready(Placed current, int stage, String who, StageState state) {
        LOG.info(
                "{} is ready, {} bytes planned, {} taken so far",
                who,
                state.getMemory().getWeightsBytes()
                        + state.getMemory().getKvBytes()
                        + state.getMemory().getScratchBytes(),
                state.getMemory().getMeasuredBytes());
        if (current.ready(stage)) {
            host.serve(current.epoch(), current.firstAddress(), new EpochListener(current));
        }
    }

    private void place() {
        cancelRetry();
        StageChoice.choose(workers, shape.stages()).ifPresent(chosen -> {
            Placed next = new Placed(epochs.next(), shape, chosen);
            placed = next;
            LOG.info(
                    "Epoch {} of {}: stages on {}",
                    next.epoch(),
                    shape.modelId(),
                    chosen.stream().map(Worker::id).toList());
            next.order();
        });
    }

    private void placeLater() {
        cancelRetry();
        retry = loop.after(backoff.next(), this::place);
    }

    private void cancelRetry() {
        if (retry != null) {
            retry.cancel();
            retry = null;
        }
    }

    private void dissolve(String why) {
        Placed former = placed;
        if (former == null) {
            return;
        }
        LOG.warn("The pipeline of epoch {} is given up: {}", former.epoch(), why);
        trouble = why;
        serving = false;
        placed = null;
        host.withdraw(why);
        former.release();
    }

    /// Hears about one epoch's stream.
    private final class EpochListener implements PipelineHost.Listener {
        private final Placed epoch;

        private EpochListener(Placed epoch) {
            this.epoch = epoch;
        }

        @Override
        public void serving() {
            if (placed == epoch) {
                LOG.info("The pipeline of epoch {} serves {}", epoch.epoch(), shape.modelId());
                serving = true;
                trouble = "";
                backoff.reset();
            }
        }

        @Override
        public void lost(String reason) {
            if (placed == epoch) {
                dissolve(reason);
                placeLater();
            }
        }
    }
}
