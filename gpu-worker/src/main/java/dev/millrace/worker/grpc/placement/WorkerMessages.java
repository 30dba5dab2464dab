package dev.millrace.worker.grpc.placement;

import dev.millrace.proto.v1.AssignStage;
import dev.millrace.proto.v1.MemoryPlan;
import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.proto.v1.WorkerHello;
import dev.millrace.proto.v1.WorkerReport;
import dev.millrace.worker.engine.EngineStatistics;
import dev.millrace.worker.engine.StageSettings;
import dev.millrace.worker.grpc.link.LinkContract;
import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.Phase;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.KvType;

/// The worker's words as messages of the contract, and orders as values.
final class WorkerMessages {

    private static final double NANOS_PER_SECOND = 1e9;

    private WorkerMessages() {}

    static WorkerReport hello(WorkerIdentity identity, long availableBytes) {
        return WorkerReport.newBuilder()
                .setHello(WorkerHello.newBuilder()
                        .setProtocolVersion(LinkContract.PROTOCOL_VERSION)
                        .setWorkerId(identity.workerId())
                        .setAddress(identity.address())
                        .setDevice(identity.device())
                        .setAvailableMemoryBytes(availableBytes)
                        .setModelDigest(identity.modelDigest()))
                .build();
    }

    static WorkerReport state(StageReport report) {
        StageState.Builder state = StageState.newBuilder()
                .setEpoch(report.epoch())
                .setPhase(phase(report.phase()))
                .setMessage(report.message());
        report.memory()
                .ifPresent(memory -> state.setMemory(MemoryPlan.newBuilder()
                        .setWeightsBytes(memory.weightsBytes())
                        .setKvBytes(memory.kvBytes())
                        .setScratchBytes(memory.scratchBytes())
                        .setMeasuredBytes(memory.measuredBytes())));
        return WorkerReport.newBuilder().setState(state).build();
    }

    private static dev.millrace.proto.v1.StagePhase phase(StagePhase phase) {
        return switch (phase) {
            case LOADING -> dev.millrace.proto.v1.StagePhase.STAGE_PHASE_LOADING;
            case READY -> dev.millrace.proto.v1.StagePhase.STAGE_PHASE_READY;
            case FAILED -> dev.millrace.proto.v1.StagePhase.STAGE_PHASE_FAILED;
            case LINK_LOST -> dev.millrace.proto.v1.StagePhase.STAGE_PHASE_LINK_LOST;
        };
    }

    static WorkerReport statistics(StepLedger ledger, EngineStatistics engine) {
        StageStatistics.Builder statistics = StageStatistics.newBuilder()
                .setSteps(ledger.steps())
                .setTokens(ledger.tokens())
                .setRunningSequences(engine.runningSequences())
                .setWaitingSequences(engine.waitingSequences())
                .setPrefixHitTokens(engine.prefixHitTokens())
                .setPreemptions(engine.preemptions());
        if (engine.usedBlocks() + engine.cachedBlocks() + engine.freeBlocks() > 0) {
            statistics
                    .putKvBlocks("used", engine.usedBlocks())
                    .putKvBlocks("cached", engine.cachedBlocks())
                    .putKvBlocks("free", engine.freeBlocks());
        } // else a later stage, which has no say over blocks: zeros would look like a full pool
        for (Phase phase : Phase.values()) {
            statistics.putPhaseSeconds(phase.label(), ledger.nanoseconds(phase) / NANOS_PER_SECOND);
        }
        for (Direction direction : Direction.values()) {
            statistics.putTransferBytes(direction.label(), ledger.bytes(direction));
        }
        return WorkerReport.newBuilder().setStatistics(statistics).build();
    }

    /// @throws IllegalArgumentException when the order makes no sense
    static StageAssignment assignment(AssignStage order) {
        return new StageAssignment(
                new StageSettings(
                        order.getEpoch(),
                        order.getStage(),
                        order.getStageCount(),
                        order.getContextLength(),
                        order.getMaxSequences(),
                        order.getKvBlocks(),
                        order.getBatchTokens(),
                        order.getPrefillChunkTokens(),
                        order.getMaxWaiting(),
                        order.getPrefixCache(),
                        kvType(order.getKvType())),
                order.getFirstLayer(),
                order.getLayerCount(),
                order.getNextAddress(),
                order.getFirstAddress());
    }

    private static KvType kvType(dev.millrace.proto.v1.KvType type) {
        return switch (type) {
            case KV_TYPE_F16 -> KvType.F16;
            case KV_TYPE_Q8_0 -> KvType.Q8_0;
            case KV_TYPE_F32 -> KvType.F32;
            case UNRECOGNIZED -> throw new IllegalArgumentException("a KV type that this worker does not know");
        };
    }
}
