package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.Graph;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Launches the steps of a bucket as one: the first is launched kernel by kernel, the second is recorded, and from then
/// on operations between [#begin] and [#end] do nothing but being counted, and the end launches the record.
final class StepGraphs {

    /// Graphs that are kept; each takes some MiB of the device.
    private static final int MOST = 32;

    private enum Mode {
        LAUNCHING,
        RECORDING,
        REPLAYING
    }

    private static final class Entry {
        @Nullable
        Graph graph;

        int calls;
        long used;
    }

    private final CudaStage stage;
    private final @Nullable Entry[] entries = new @Nullable Entry[Buckets.COUNT];
    private boolean enabled;
    private Mode mode = Mode.LAUNCHING;
    private int bucket = Buckets.NONE;
    private int calls;
    private int kept;
    private long steps;

    StepGraphs(CudaStage stage, boolean enabled) {
        this.stage = stage;
        this.enabled = enabled;
    }

    /// The bucket whose launches the step shall have, or [Buckets#NONE] for its own.
    int bucketOf(int candidate) {
        return enabled ? candidate : Buckets.NONE;
    }

    /// The uploads of a step are on the stream.
    void begin(int stepsBucket) {
        bucket = stepsBucket;
        calls = 0;
        steps++;
        Entry entry = bucket == Buckets.NONE ? null : entries[bucket];
        if (entry == null) {
            mode = Mode.LAUNCHING;
        } else if (entry.graph != null) {
            mode = Mode.REPLAYING;
        } else {
            makeRoom();
            stage.stream().beginCapture();
            mode = Mode.RECORDING;
        }
    }

    /// Whether the operation that asks is to launch its kernels.
    boolean launches() {
        calls++;
        return mode != Mode.REPLAYING;
    }

    /// Whether what is launched is done, so that it can be waited for.
    boolean isPlain() {
        return mode == Mode.LAUNCHING;
    }

    /// Something came between that no graph can hold: there are none from now on.
    void disable() {
        if (!isPlain()) {
            throw new IllegalStateException("a copy of its own within a step that is launched as a graph");
        }
        enabled = false;
        bucket = Buckets.NONE;
    }

    /// The operations of the step are over.
    void end() {
        if (bucket == Buckets.NONE) {
            return;
        }
        if (mode == Mode.LAUNCHING) {
            entries[bucket] = new Entry();
            return;
        }
        Entry entry = Objects.requireNonNull(entries[bucket]);
        entry.used = steps;
        if (mode == Mode.RECORDING) {
            Graph recorded = stage.owners().add(stage.stream().endCapture());
            mode = Mode.LAUNCHING;
            entry.calls = calls;
            entry.graph = recorded;
            kept++;
            recorded.launch(stage.stream());
            return;
        }
        mode = Mode.LAUNCHING;
        if (calls != entry.calls) {
            throw new IllegalStateException(
                    "%d operations in a step that is launched as the record of %d".formatted(calls, entry.calls));
        }
        Objects.requireNonNull(entry.graph).launch(stage.stream());
    }

    /// Forgets the step that was begun and has not ended. Never throws.
    void drop() {
        if (mode == Mode.RECORDING) {
            try {
                stage.stream().dropCapture();
            } catch (CudaException e) {
                // A stream that is beyond that says so when it is waited for.
                enabled = false;
            }
        }
        mode = Mode.LAUNCHING;
        bucket = Buckets.NONE;
    }

    /// The graph that was not used for longest makes way.
    private void makeRoom() {
        if (kept < MOST) {
            return;
        }
        @Nullable Entry oldest = null;
        for (Entry entry : entries) {
            if (entry != null && entry.graph != null && (oldest == null || entry.used < oldest.used)) {
                oldest = entry;
            }
        }
        if (oldest != null) {
            Graph graph = Objects.requireNonNull(oldest.graph);
            oldest.graph = null;
            kept--;
            stage.stream().synchronize();
            stage.owners().close(graph);
        }
    }
}
