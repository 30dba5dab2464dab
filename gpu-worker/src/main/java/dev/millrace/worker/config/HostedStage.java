package dev.millrace.worker.config;

import dev.millrace.worker.engine.StageSettings;
import dev.millrace.worker.grpc.link.FrameLimits;
import dev.millrace.worker.grpc.link.InboundLink;
import dev.millrace.worker.grpc.link.LinkContract;
import dev.millrace.worker.grpc.link.LinkEvents;
import dev.millrace.worker.grpc.link.LinkKind;
import dev.millrace.worker.grpc.link.OutboundLink;
import dev.millrace.worker.grpc.placement.StageAssignment;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.ring.OutgoingRing;
import dev.millrace.worker.ring.RingShape;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One stage in one epoch: its links and its compute thread. Neighbours that call before the model is loaded are told
/// to wait. Every stage of several has one link that comes in and one that goes out.
final class HostedStage {

    private static final Logger log = LoggerFactory.getLogger(HostedStage.class);

    private static final Duration NEIGHBOUR_ANSWERS_WITHIN = Duration.ofSeconds(30);

    private final StageAssignment assignment;
    private final StageWiring wiring;
    private final StageEvents events;
    private final @Nullable InboundLink inbound;
    private final AtomicInteger missingLinks;
    private @Nullable OutboundLink outbound;
    private @Nullable StageCompute compute;
    private Runnable givingSlotsBack = () -> {};

    HostedStage(StageAssignment assignment, StageWiring wiring, FrameLimits frames, StageEvents events) {
        this.assignment = assignment;
        this.wiring = wiring;
        this.events = events;
        boolean alone = assignment.settings().stageCount() == 1;
        missingLinks = new AtomicInteger(alone ? 0 : 2);
        inbound = alone ? null : inbound(frames);
        if (!alone && ring().isPresent()) {
            // The model is loaded meanwhile.
            Thread.ofPlatform().name("ring-preparation").daemon().start(OutgoingRing::prepare);
        }
        wiring.links().expect(assignment.epoch(), inbound == null ? List.of() : List.of(inbound));
    }

    StageAssignment assignment() {
        return assignment;
    }

    private InboundLink inbound(FrameLimits frames) {
        StageSettings settings = assignment.settings();
        return settings.stage() == 0
                ? new InboundLink(LinkKind.RETURN, returning(), frames, Optional.empty(), new Events(() -> {}))
                : new InboundLink(LinkKind.FORWARD, before(), frames, ring(), new Events(() -> {}));
    }

    private Optional<RingShape> ring() {
        return wiring.handOver().ring(assignment.settings(), wiring.model().hiddenSize());
    }

    /// With the stage before.
    private LinkContract before() {
        return forwarding(assignment.settings().stage() - 1, assignment.firstLayer());
    }

    /// With the stage behind.
    private LinkContract behind() {
        return forwarding(assignment.settings().stage(), assignment.endLayer());
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
        ForwardWay next = null;
        OutboundLink out = null;
        if (settings.isLast() && inbound != null) {
            out = link(LinkKind.RETURN, assignment.firstAddress(), returning(), Optional.empty(), () -> {});
        } else if (inbound != null) {
            AtomicReference<@Nullable ForwardWay> way = new AtomicReference<>();
            out = link(LinkKind.FORWARD, assignment.nextAddress(), behind(), ring(), () -> meet(way.get(), model));
            next = new ForwardWay(out);
            way.set(next);
        }
        StageCompute stage = StageCompute.of(
                wiring,
                settings,
                model,
                next,
                next == null ? out : null,
                failure -> events.lost(this, failure.message()));
        outbound = out;
        compute = stage;
        stage.slotReceiver().ifPresent(receiver -> expect(model, receiver));
        stage.starting().run();
        if (inbound == null || out == null) {
            events.linked(this);
        } else {
            inbound.open(stage.receiver());
            out.dial();
        }
    }

    private OutboundLink link(
            LinkKind kind, String address, LinkContract contract, Optional<RingShape> shared, Runnable whenLinked) {
        return new OutboundLink(
                kind,
                address,
                contract,
                assignment.firstLayer(),
                shared,
                NEIGHBOUR_ANSWERS_WITHIN,
                wiring.timer(),
                new Events(whenLinked));
    }

    /// Has slots made on this stage's device for a stage before that is in this process, too.
    private void expect(StageModel model, Neighbours.Receiver receiver) {
        if (!wiring.neighbours().areThere() || wiring.handOver() == HandOver.GRPC) {
            return;
        }
        int count = assignment.settings().maxStepsHandedOver();
        DeviceThread device = model.thread();
        device.call(() -> model.rowSlots(count)).ifPresent(slots -> {
            givingSlotsBack = () -> device.run(slots::close);
            wiring.neighbours().expect(before(), new Neighbours.Neighbour(slots, receiver));
        });
    }

    /// Before the first step.
    private void meet(@Nullable ForwardWay way, StageModel model) {
        if (way == null || wiring.handOver() == HandOver.GRPC) {
            return;
        }
        wiring.neighbours()
                .find(behind())
                .filter(next -> model.reaches(next.slots()))
                .ifPresent(next -> {
                    log.info("Epoch {}: rows go from this device to that of the next stage", assignment.epoch());
                    way.meet(next);
                });
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
        wiring.neighbours().forget(before());
        if (outbound != null) {
            outbound.close();
        }
        if (inbound != null) {
            inbound.close();
        }
        boolean stopped = compute == null || compute.stopping().test(deadline);
        if (stopped) {
            givingSlotsBack.run();
        }
        return stopped;
    }

    private final class Events implements LinkEvents {

        private final Runnable whenLinked;

        Events(Runnable whenLinked) {
            this.whenLinked = whenLinked;
        }

        @Override
        public void linked() {
            whenLinked.run();
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
