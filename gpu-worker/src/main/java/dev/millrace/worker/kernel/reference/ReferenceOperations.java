package dev.millrace.worker.kernel.reference;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Gate;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.reference.ReferenceMemory.Angles;
import dev.millrace.worker.kernel.reference.ReferenceMemory.Buffer;
import dev.millrace.worker.kernel.reference.ReferenceMemory.Cache;
import dev.millrace.worker.kernel.reference.ReferenceMemory.Values;
import dev.millrace.worker.kernel.reference.ReferenceMemory.Weights;
import dev.millrace.worker.sample.SampledToken;
import dev.millrace.worker.sample.Sampler;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Each operation as its definition reads.
final class ReferenceOperations implements Operations {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Sampler sampler;
    private final SampledToken sampled = new SampledToken();
    /// What was sampled last at each place.
    private final int[] ids;
    /// The tokens of the step that is begun and not taken.
    private final StepOutput chosen;

    private final int vocabularySize;
    private StepInput step = new StepInput(0);
    private boolean begun;
    private float[] outgoing = {};

    ReferenceOperations(StepLimits limits) {
        sampler = new Sampler(limits.vocabularySize());
        vocabularySize = limits.vocabularySize();
        ids = new int[limits.maxSequences()];
        chosen = new StepOutput(limits.maxSequences());
    }

    @Override
    public int depth() {
        return 1;
    }

    @Override
    public void begin(StepInput input) {
        if (begun) {
            throw new IllegalStateException("step " + input.step() + " began when the one before was not taken");
        }
        begun = true;
        step = input;
        chosen.begin(input.epoch(), input.step());
    }

    @Override
    public void begin(StepInput input, MemorySegment rows, DeviceBuffer target) {
        begin(input);
        upload(rows, target);
    }

    private int rows(Rows rows) {
        return rows == Rows.TOKENS ? step.tokenCount() : step.sampleCount();
    }

    @Override
    public void upload(MemorySegment source, DeviceBuffer target) {
        Buffer to = (Buffer) target;
        MemorySegment.copy(source, FLOAT, 0, to.values(), 0, rows(to.rows()) * to.columns());
    }

    @Override
    public void download(DeviceBuffer source, MemorySegment target) {
        Buffer from = (Buffer) source;
        MemorySegment.copy(from.values(), 0, target, FLOAT, 0, rows(from.rows()) * from.columns());
    }

    @Override
    public void embed(Matrix table, DeviceBuffer target) {
        int columns = table.columns();
        for (int t = 0; t < step.tokenCount(); t++) {
            int named = step.tokenId(t);
            int id = named < 0 ? ids[~named] : named;
            System.arraycopy(
                    ((Weights) table).values(), id * columns, ((Buffer) target).values(), t * columns, columns);
        }
    }

    @Override
    public void rmsNorm(DeviceBuffer source, DeviceVector weight, float epsilon, DeviceBuffer target) {
        norm((Buffer) source, (Values) weight, epsilon, (Buffer) target);
    }

    @Override
    public void headNorm(DeviceBuffer heads, DeviceVector weight, float epsilon) {
        norm((Buffer) heads, (Values) weight, epsilon, (Buffer) heads);
    }

    /// Over runs of as many values as there are weights.
    private void norm(Buffer from, Values weight, float epsilon, Buffer to) {
        int size = weight.size();
        for (int at = 0; at < rows(from.rows()) * from.columns(); at += size) {
            double squares = 0;
            for (int i = 0; i < size; i++) {
                squares += (double) from.values()[at + i] * from.values()[at + i];
            }
            double scale = 1 / Math.sqrt(squares / size + epsilon);
            for (int i = 0; i < size; i++) {
                to.values()[at + i] = (float) (from.values()[at + i] * scale) * weight.values()[i];
            }
        }
    }

    @Override
    public void project(DeviceBuffer source, Projection[] projections) {
        for (Projection projection : projections) {
            for (int row = 0; row < rows(source.rows()); row++) {
                projectRow((Buffer) source, row, projection);
            }
        }
    }

    private static void projectRow(Buffer source, int row, Projection projection) {
        Weights matrix = (Weights) projection.matrix();
        Values bias = (Values) projection.bias();
        Buffer target = (Buffer) projection.target();
        for (int r = 0; r < matrix.rows(); r++) {
            double sum = bias == null ? 0 : bias.values()[r];
            for (int k = 0; k < matrix.columns(); k++) {
                sum += (double) matrix.values()[r * matrix.columns() + k] * source.values()[row * source.columns() + k];
            }
            int at = row * target.columns() + r;
            target.values()[at] = projection.adds() ? (float) (target.values()[at] + sum) : (float) sum;
        }
    }

    @Override
    public void rope(DeviceBuffer heads, int headSize, RopeTable table) {
        RopeFrequencies frequencies = ((Angles) table).frequencies();
        double[] radians = frequencies.radiansPerPosition();
        boolean halves = frequencies.pairs() == RopePairs.HALVES;
        float[] values = ((Buffer) heads).values();
        for (int t = 0; t < step.tokenCount(); t++) {
            for (int head = t * heads.columns(); head < (t + 1) * heads.columns(); head += headSize) {
                for (int i = 0; i < radians.length; i++) {
                    int a = head + (halves ? i : 2 * i);
                    int b = halves ? a + radians.length : a + 1;
                    double cosine = Math.cos(step.position(t) * radians[i]) * frequencies.magnitude();
                    double sine = Math.sin(step.position(t) * radians[i]) * frequencies.magnitude();
                    double x = values[a];
                    double y = values[b];
                    values[a] = (float) (x * cosine - y * sine);
                    values[b] = (float) (x * sine + y * cosine);
                }
            }
        }
    }

    @Override
    public void storeKv(KvCache cache, int layer, DeviceBuffer keys, DeviceBuffer values) {
        Cache to = (Cache) cache;
        int width = keys.columns();
        for (int t = 0; t < step.tokenCount(); t++) {
            int row = to.row(layer, step.slot(t));
            System.arraycopy(((Buffer) keys).values(), t * width, to.keys(), row, width);
            System.arraycopy(((Buffer) values).values(), t * width, to.values(), row, width);
            for (int head = row; head < row + width; head += to.headSize()) {
                KvRounding.round(to.type(), to.keys(), head, to.headSize());
                KvRounding.round(to.type(), to.values(), head, to.headSize());
            }
        }
    }

    @Override
    public void attention(KvCache cache, int layer, DeviceBuffer queries, DeviceBuffer target) {
        Cache kv = (Cache) cache;
        int size = kv.headSize();
        int heads = queries.columns() / size;
        for (int t = 0; t < step.tokenCount(); t++) {
            for (int head = 0; head < heads; head++) {
                int kvHead = head / (heads / kv.kvHeads());
                attend(
                        kv,
                        layer,
                        kvHead * size,
                        t,
                        ((Buffer) queries).values(),
                        ((Buffer) target).values(),
                        (t * heads + head) * size);
            }
        }
    }

    private void attend(Cache kv, int layer, int kvColumn, int token, float[] queries, float[] target, int at) {
        int size = kv.headSize();
        int positions = step.position(token) + 1;
        double[] scores = new double[positions];
        double highest = Double.NEGATIVE_INFINITY;
        for (int p = 0; p < positions; p++) {
            int row = kv.row(layer, slot(token, p)) + kvColumn;
            for (int i = 0; i < size; i++) {
                scores[p] += (double) queries[at + i] * kv.keys()[row + i];
            }
            scores[p] /= Math.sqrt(size);
            highest = Math.max(highest, scores[p]);
        }
        double total = 0;
        double[] sums = new double[size];
        for (int p = 0; p < positions; p++) {
            int row = kv.row(layer, slot(token, p)) + kvColumn;
            double weight = Math.exp(scores[p] - highest);
            total += weight;
            for (int i = 0; i < size; i++) {
                sums[i] += weight * kv.values()[row + i];
            }
        }
        for (int i = 0; i < size; i++) {
            target[at + i] = (float) (sums[i] / total);
        }
    }

    private int slot(int token, int position) {
        int block = step.block(step.sequenceRow(token), position / StepInput.BLOCK_TOKENS);
        return block * StepInput.BLOCK_TOKENS + position % StepInput.BLOCK_TOKENS;
    }

    @Override
    public void feedForward(DeviceBuffer source, Gate gate, Projection down) {
        int rows = rows(source.rows());
        int columns = gate.gate().rows();
        Buffer gates = new Buffer(source.rows(), columns, new float[rows * columns]);
        Buffer ups = new Buffer(source.rows(), columns, new float[rows * columns]);
        project(source, new Projection[] {
            new Projection(gate.gate(), gate.gateBias(), gates, false),
            new Projection(gate.up(), gate.upBias(), ups, false)
        });
        for (int i = 0; i < rows * columns; i++) {
            double value = gates.values()[i];
            gates.values()[i] = (float) (value / (1 + Math.exp(-value)) * ups.values()[i]);
        }
        project(gates, new Projection[] {down});
    }

    @Override
    public void gatherSampled(DeviceBuffer tokens, DeviceBuffer samples) {
        int columns = tokens.columns();
        for (int n = 0; n < step.sampleCount(); n++) {
            System.arraycopy(
                    ((Buffer) tokens).values(),
                    step.sampleToken(n) * columns,
                    ((Buffer) samples).values(),
                    n * columns,
                    columns);
        }
    }

    @Override
    public void sample(DeviceBuffer logits) {
        MemorySegment values = MemorySegment.ofArray(((Buffer) logits).values());
        for (int n = 0; n < step.sampleCount(); n++) {
            sampler.sample(values, 4L * n * logits.columns(), step, n, ids, sampled);
            ids[step.samplePlace(n)] = sampled.tokenId();
            sampled.addTo(chosen, step.sampleSequence(n));
        }
    }

    @Override
    public void end() {
        outgoing = new float[0];
    }

    @Override
    public void end(DeviceBuffer rows) {
        Buffer from = (Buffer) rows;
        outgoing = Arrays.copyOf(from.values(), rows(rows.rows()) * rows.columns());
    }

    @Override
    public boolean isOver() {
        return true;
    }

    @Override
    public void take(StepOutput output) {
        begun = false;
        output.load(chosen.bytes(), vocabularySize);
    }

    @Override
    public void take(MemorySegment rows) {
        begun = false;
        MemorySegment.copy(outgoing, 0, rows, FLOAT, 0, outgoing.length);
    }

    @Override
    public void drop() {
        begun = false;
    }
}
