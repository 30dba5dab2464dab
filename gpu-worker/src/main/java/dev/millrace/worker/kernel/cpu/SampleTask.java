package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.sample.SampledToken;
import dev.millrace.worker.sample.Sampler;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import org.jspecify.annotations.Nullable;

/// The choice of next tokens; a unit is a sample.
final class SampleTask implements Task {

    private final Scratch[] scratch;
    private final SampledToken[] chosen;
    /// What was sampled last at each place.
    private final int[] ids;
    private StepInput step = new StepInput(0);
    private CpuBuffer logits;
    private @Nullable Peaks peaks;

    SampleTask(Scratch[] scratch, int maxSamples, int[] ids, CpuBuffer empty) {
        this.scratch = scratch;
        this.ids = ids;
        logits = empty;
        chosen = new SampledToken[maxSamples];
        for (int n = 0; n < maxSamples; n++) {
            chosen[n] = new SampledToken();
        }
    }

    /// What [#run] works on from now on.
    ///
    /// @param known the peaks of the logits, if they are known
    void prepare(StepInput input, CpuBuffer from, @Nullable Peaks known) {
        step = input;
        logits = from;
        peaks = known;
    }

    @Override
    public void run(int n, int thread) {
        if (peaks != null && Sampler.takesLikeliest(step, n)) {
            chosen[n].choose(peaks.likeliest(logits, n));
        } else {
            scratch[thread].sampler().sample(logits.values(), logits.offset(n), step, n, ids, chosen[n]);
        }
        ids[step.samplePlace(n)] = chosen[n].tokenId();
    }

    /// Hands over what all units chose.
    void addTo(StepOutput output) {
        for (int n = 0; n < step.sampleCount(); n++) {
            chosen[n].addTo(output, step.sampleSequence(n));
        }
    }
}
