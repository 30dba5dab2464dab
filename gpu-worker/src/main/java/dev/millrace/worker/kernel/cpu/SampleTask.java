package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.sample.SampledToken;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;

/// The choice of next tokens; a unit is a sample.
final class SampleTask implements Task {

    private final Scratch[] scratch;
    private final SampledToken[] chosen;
    private StepInput step = new StepInput(0);
    private CpuBuffer logits;

    SampleTask(Scratch[] scratch, int maxSamples, CpuBuffer empty) {
        this.scratch = scratch;
        logits = empty;
        chosen = new SampledToken[maxSamples];
        for (int n = 0; n < maxSamples; n++) {
            chosen[n] = new SampledToken();
        }
    }

    void prepare(StepInput input, CpuBuffer from) {
        step = input;
        logits = from;
    }

    @Override
    public void run(int n, int thread) {
        scratch[thread].sampler().sample(logits.values(), logits.offset(n), step, n, chosen[n]);
    }

    /// Hands over what all units chose.
    void addTo(StepOutput output) {
        for (int n = 0; n < step.sampleCount(); n++) {
            chosen[n].addTo(output, step.sampleSequence(n));
        }
    }
}
