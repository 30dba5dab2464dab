package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.AssignStage;
import dev.millrace.proto.v1.KvType;
import dev.millrace.proto.v1.StageOrder;
import dev.millrace.proto.v1.StagePhase;
import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.proto.v1.WorkerHello;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Workers in a test's hands, registered straight at the roster.
final class Workers {
    static final PipelineShape SHAPE =
            new PipelineShape("demo", "abc", LayerSpan.split(4, 2), 100, 8, 512, 256, 64, true, KvType.KV_TYPE_Q8_0);

    /// One worker's stream as the worker sees it.
    static final class FakeStream implements WorkerConnection {
        final List<StageOrder> orders = new ArrayList<>();
        private final WorkerRoster roster;

        @Nullable
        Worker worker;

        private @Nullable Status closed;

        private FakeStream(WorkerRoster roster) {
            this.roster = roster;
        }

        @Override
        public void send(StageOrder order) {
            orders.add(order);
        }

        @Override
        public void close(Status status) {
            closed = status;
        }

        boolean isOpen() {
            return closed == null;
        }

        Status closed() {
            if (closed == null) {
                throw new AssertionError("the stream is open");
            }
            return closed;
        }

        AssignStage assignment() {
            return orders.stream()
                    .filter(StageOrder::hasAssign)
                    .map(StageOrder::getAssign)
                    .reduce((first, second) -> second)
                    .orElseThrow();
        }

        boolean isIdle() {
            return orders.isEmpty() || orders.getLast().hasRelease();
        }

        void tell(StagePhase phase, String message) {
            tell(assignment().getEpoch(), phase, message);
        }

        void tell(long epoch, StagePhase phase, String message) {
            roster.state(
                    registered(),
                    StageState.newBuilder()
                            .setEpoch(epoch)
                            .setPhase(phase)
                            .setMessage(message)
                            .build());
        }

        void ready() {
            tell(StagePhase.STAGE_PHASE_READY, "");
        }

        void sign() {
            roster.statistics(
                    registered(), StageStatistics.newBuilder().setSteps(5).build());
        }

        void disconnect() {
            roster.disconnected(registered(), "its stream broke");
        }

        private Worker registered() {
            if (worker == null) {
                throw new AssertionError("the worker was refused");
            }
            return worker;
        }
    }

    private final WorkerRoster roster;

    Workers(WorkerRoster roster) {
        this.roster = roster;
    }

    static WorkerHello.Builder hello(String id) {
        return WorkerHello.newBuilder()
                .setProtocolVersion(1)
                .setWorkerId(id)
                .setAddress(id + ":7000")
                .setDevice("CPU")
                .setModelDigest("abc");
    }

    FakeStream register(String id) {
        return register(hello(id));
    }

    FakeStream register(WorkerHello.Builder hello) {
        FakeStream stream = new FakeStream(roster);
        stream.worker = roster.register(hello.build(), stream).orElse(null);
        return stream;
    }
}
