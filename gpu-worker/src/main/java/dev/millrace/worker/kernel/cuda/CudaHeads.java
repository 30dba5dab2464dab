package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Stream;
import dev.millrace.worker.step.KvType;
import org.jspecify.annotations.Nullable;

/// Norms and turns of heads. Those of queries and keys are held back until the keys are stored, and all of it is one
/// launch; where something else comes between, they are launched before it.
final class CudaHeads implements Held {

    private final HeadsLaunch launch;
    private final CudaRopes ropes;
    /// Those that came first, and others.
    private final HeldHeads first = new HeldHeads();

    private final HeldHeads second = new HeldHeads();
    private final HeldHeads none = new HeldHeads();
    private int headSize;
    private float epsilon;
    private @Nullable CudaRopeTable table;

    CudaHeads(CudaKernels kernels, StepRows rows, Stream stream, KvType type, CudaRopes ropes) {
        this.ropes = ropes;
        launch = new HeadsLaunch(kernels, rows, stream, type);
    }

    /// As `Operations.headNorm`.
    void norm(CudaBuffer heads, CudaVector weight, float epsilon) {
        HeldHeads known = find(heads);
        boolean late = known != null && (known.norm != null || known.turns);
        boolean other = (first.norm != null || second.norm != null) && this.epsilon != epsilon;
        if (late || other) {
            settle();
        }
        hold(heads, weight.size()).norm = weight;
        this.epsilon = epsilon;
    }

    /// As `Operations.rope`.
    void turn(CudaBuffer heads, int size, CudaRopeTable by) {
        HeldHeads known = find(heads);
        boolean again = known != null && known.turns;
        boolean other = table != null && !by.equals(table);
        if (again || other) {
            settle();
        }
        hold(heads, size).turns = true;
        table = by;
    }

    private @Nullable HeldHeads find(CudaBuffer heads) {
        return first.heads.equals(heads) ? first : second.heads.equals(heads) ? second : null;
    }

    private HeldHeads hold(CudaBuffer heads, int size) {
        if (heads.rows() != Rows.TOKENS) {
            throw new IllegalArgumentException("heads of rows that are no tokens");
        }
        HeldHeads known = find(heads);
        if (headSize != size || known == null && !second.isEmpty()) {
            settle();
            known = null;
        }
        if (known == null) {
            known = first.isEmpty() ? first : second;
            known.set(heads);
        }
        headSize = size;
        return known;
    }

    /// As `Operations.storeKv`.
    void store(CudaKvCache cache, int layer, CudaBuffer keys, CudaBuffer values) {
        if (!isBefore(cache, keys, values)) {
            settle();
            first.set(keys);
            headSize = cache.headSize();
        }
        boolean keysFirst = first.heads.equals(keys);
        set(keysFirst ? second : first, keysFirst ? first : second);
        launch.store(cache, layer, values);
        forget();
        launch.launch();
    }

    /// Whether what is held back can be done in one with the storing of these keys and values, which are read
    /// meanwhile.
    private boolean isBefore(CudaKvCache cache, CudaBuffer keys, CudaBuffer values) {
        if (first.isEmpty() || headSize != cache.headSize() || find(values) != null) {
            return false;
        }
        return second.isEmpty()
                ? first.heads.equals(keys)
                : first.turns == second.turns && (first.heads.equals(keys) || second.heads.equals(keys));
    }

    private void set(HeldHeads queries, HeldHeads keys) {
        launch.set(queries, keys, headSize, epsilon);
        CudaRopeTable by = table;
        if (by != null && (queries.turns || keys.turns)) {
            ropes.fill(by);
            launch.turn(by);
        }
    }

    @Override
    public void settle() {
        if (first.isEmpty()) {
            return;
        }
        if (second.isEmpty() || first.turns == second.turns) {
            set(first, second);
            launch.launch();
        } else {
            set(first, none);
            launch.launch();
            set(second, none);
            launch.launch();
        }
        forget();
    }

    @Override
    public void forget() {
        first.clear();
        second.clear();
        table = null;
    }
}
