package dev.millrace.worker.config;

import dev.millrace.worker.config.Neighbours.Neighbour;
import dev.millrace.worker.engine.Handover;
import dev.millrace.worker.engine.StepRefusedException;
import dev.millrace.worker.grpc.link.OutboundLink;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way to the next stage: over the link, unless the next stage is in this process and its device can be reached
/// from this one's. The link says in both cases whether the next stage is there.
final class ForwardWay implements Handover {

    private static final Logger log = LoggerFactory.getLogger(ForwardWay.class);

    private final OutboundLink link;
    private volatile @Nullable Neighbour neighbour;

    ForwardWay(OutboundLink link) {
        this.link = link;
    }

    /// Steps go there from now on; before the first one.
    void meet(Neighbour next) {
        neighbour = next;
    }

    @Override
    public Activations place(Activations own) {
        return link.place(own);
    }

    @Override
    public void forward(StepInput input, Activations activations) {
        link.forward(input, activations);
    }

    @Override
    public @Nullable RowSlot slot() {
        Neighbour next = neighbour;
        return next == null ? null : next.slots().next();
    }

    @Override
    public void forward(StepInput input, RowSlot rows) {
        Neighbour next = neighbour;
        if (next == null) {
            throw new IllegalStateException("there is no stage with slots");
        }
        try {
            next.receiver().received(input.bytes(), rows);
        } catch (StepRefusedException e) {
            // That stage has ended, and the link says so.
            log.debug("A step was not taken: {}", e.getMessage());
        }
    }
}
