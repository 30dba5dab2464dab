package dev.millrace.worker.config;

import dev.millrace.worker.engine.StageSettings;
import dev.millrace.worker.grpc.link.FrameLimits;
import dev.millrace.worker.grpc.link.InboundLink;
import dev.millrace.worker.grpc.link.LinkContract;
import dev.millrace.worker.grpc.link.LinkEvents;
import dev.millrace.worker.grpc.link.LinkKind;
import dev.millrace.worker.grpc.link.OutboundLink;
import dev.millrace.worker.grpc.placement.StageAssignment;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.ring.RingShape;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One stage in one epoch: its links and its compute thread. Neighbours that call before the model is loaded are told
/// to wait. Every stage of several has one link that comes in and one that goes out.
final class HostedStage {

    private static final Duration NEIGHBOUR_ANSWERS_WITHIN = Duration.ofSeconds(30);

    private final StageAssignment assignment;
    private final StageWiring wiring;
    private final StageEvents events;
    private final @Nullable InboundLink inbound;
    private final AtomicInteger missingLinks;
    private @Nullable OutboundLink outbound;
    private @Nullable StageCompute compute;

    HostedStage(StageAssignment assignment, StageWiring wiring, FrameLimits frames, StageEvents events) {
        this.assignment = assignment;
        this.wiring = wiring;
        this.events = events;
        boolean alone = assignment.settings().stageCount() == 1;
        missingLinks = new AtomicInteger(alone ? 0 : 2);
        inbound = alone ? null : inbound(frames);
        wiring.links().expect(assignment.epoch(), inbound == null ? List.of() : List.of(inbound));
    }

    StageAssignment assignment() {
        return assignment;
    }

    private InboundLink inbound(FrameLimits frames) {
        StageSettings settings = assignment.settings();
        return settings.stage() == 0
                ? new InboundLink(LinkKind.RETURN, returning(), frames, Optional.empty(), new Events())
                : new InboundLink(
                        LinkKind.FORWARD,
                        forwarding(settings.stage() - 1, assignment.firstLayer()),
                        frames,
                        ring(),
                        new Events());
    }

    private Optional<RingShape> ring() {
        return wiring.handOver().ring(assignment.settings(), wiring.model().hiddenSize());
    }

    private LinkContract forwarding(int fromStage, int endLayer) {
        return new LinkContract(assignment.epoch(), wiring.model().digest(), fromStage, fromStage + 1, endLayer);
    }

    private LinkContract returning() {
        int last = assignment.settings().stageCount() - 1;
        return new LinkContract(
                assignment.epoch(),
                wiring.model().digest(),
                last,
                0,
                wiring.model().layers());
    }

    /// Starts computing with `model` and links up with the neighbours.
    void start(StageModel model) {
        StageSettings settings = assignment.settings();
        OutboundLink out = inbound == null ? null : outbound(settings);
        StageCompute stage =
                StageCompute.of(wiring, settings, model, out, failure -> events.lost(this, failure.message()));
        outbound = out;
        compute = stage;
        stage.starting().run();
        if (inbound == null || out == null) {
            events.linked(this);
        } else {
            inbound.open(stage.receiver());
            out.dial();
        }
    }

    private OutboundLink outbound(StageSettings settings) {
        boolean last = settings.isLast();
        return new OutboundLink(
                last ? LinkKind.RETURN : LinkKind.FORWARD,
                last ? assignment.firstAddress() : assignment.nextAddress(),
                last ? returning() : forwarding(settings.stage(), assignment.endLayer()),
                assignment.firstLayer(),
                last ? Optional.empty() : ring(),
                NEIGHBOUR_ANSWERS_WITHIN,
                wiring.timer(),
                new Events());
    }

    /// Lets tokenizer-services in, when this is the first stage.
    void serve() {
        if (compute != null) {
            compute.connector()
                    .ifPresent(engine -> wiring.pipelines()
                            .serve(assignment.epoch(), wiring.model().vocabularySize(), engine));
        }
    }

    /// Ends everything of this stage but the model, without events.
    ///
    /// @return false when its thread is still inside the model after `deadline`
    boolean close(Duration deadline) {
        wiring.pipelines().stop();
        wiring.links().expect(assignment.epoch(), List.of());
        if (outbound != null) {
            outbound.close();
        }
        if (inbound != null) {
            inbound.close();
        }
        return compute == null || compute.stopping().test(deadline);
    }

    private final class Events implements LinkEvents {

        @Override
        public void linked() {
            if (missingLinks.decrementAndGet() == 0) {
                events.linked(HostedStage.this);
            }
        }

        @Override
        public void failed(String reason) {
            events.failed(HostedStage.this, reason);
        }

        @Override
        public void lost(String reason) {
            events.lost(HostedStage.this, reason);
        }
    }
}
