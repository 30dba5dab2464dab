package dev.millrace.gateway.metrics;

import dev.millrace.proto.v1.GetStatusResponse;
import dev.millrace.proto.v1.PipelineStatus;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.proto.v1.StageStatus;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/// Tells Prometheus what the pipelines last said about themselves. Stages with the same number in several pipelines
/// are added up.
final class PipelineCollector implements MultiCollector {
    private volatile GetStatusResponse latest = GetStatusResponse.getDefaultInstance();

    /// Takes the latest state of the pipelines.
    void accept(GetStatusResponse status) {
        latest = status;
    }

    @Override
    public MetricSnapshots collect() {
        GetStatusResponse status = latest;
        Gauges ready = new Gauges("millrace_ready", "1 when a token went through every stage of a pipeline lately");
        Gauges blocks = new Gauges("millrace_kv_blocks", "KV blocks by state");
        Gauges running = new Gauges("millrace_running_sequences", "Sequences in the engines");
        Gauges waiting = new Gauges("millrace_waiting_sequences", "Sequences in the waiting queues");
        Counters preemptions = new Counters("millrace_preemptions", "Sequences put back because blocks ran out");
        Counters hits = new Counters("millrace_prefix_hit_tokens", "Prompt tokens found in the prefix cache");
        Counters steps = new Counters("millrace_stage_steps", "Steps that a stage took part in");
        Counters tokens = new Counters("millrace_stage_tokens", "Tokens that passed a stage, prompts included");
        Counters seconds = new Counters("millrace_stage_seconds", "Seconds of a stage by phase of its step ledger");
        Counters bytes = new Counters("millrace_transfer_bytes", "Bytes that a stage moved, by direction");

        ready.add(Labels.EMPTY, status.getReady() ? 1 : 0);
        for (PipelineStatus pipeline : status.getPipelinesList()) {
            for (StageStatus stage : pipeline.getStagesList()) {
                StageStatistics figures = stage.getStatistics();
                Labels labels = Labels.of("stage", Integer.toString(stage.getStage()));
                figures.getKvBlocksMap()
                        .forEach((state, count) -> blocks.add(labels.add("state", state), (double) count));
                figures.getPhaseSecondsMap().forEach((phase, sum) -> seconds.add(labels.add("phase", phase), sum));
                figures.getTransferBytesMap()
                        .forEach((direction, sum) -> bytes.add(labels.add("direction", direction), (double) sum));
                steps.add(labels, (double) figures.getSteps());
                tokens.add(labels, (double) figures.getTokens());
                running.add(Labels.EMPTY, figures.getRunningSequences());
                waiting.add(Labels.EMPTY, figures.getWaitingSequences());
                preemptions.add(Labels.EMPTY, (double) figures.getPreemptions());
                hits.add(Labels.EMPTY, (double) figures.getPrefixHitTokens());
            }
        }
        return new MetricSnapshots(
                ready.snapshot(),
                blocks.snapshot(),
                running.snapshot(),
                waiting.snapshot(),
                preemptions.snapshot(),
                hits.snapshot(),
                steps.snapshot(),
                tokens.snapshot(),
                seconds.snapshot(),
                bytes.snapshot());
    }
}
