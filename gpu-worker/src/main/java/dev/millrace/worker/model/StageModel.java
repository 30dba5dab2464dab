package dev.millrace.worker.model;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.io.IOException;

/// The layers of one stage, loaded on a device, with their KV blocks. Used by the engine thread alone.
public interface StageModel extends AutoCloseable {

    /// Runs the step through the layers of this stage. The first stage starts from the token ids, every other one from
    /// `activations` `[T, H]`; every stage but the last leaves its result there.
    void forward(StepInput input, Activations activations);

    /// Samples the tokens that `input` asks for from the logits of the [#forward] before; last stage only.
    void sample(StepInput input, StepOutput output);

    /// `H`, the values of one token's hidden state.
    int hiddenSize();

    /// `V`, the number of token ids.
    int vocabularySize();

    /// Takes some of the memory that is only reserved for KV blocks so far: a few milliseconds' work. Another thread
    /// may
    /// call it while steps run, and after closing.
    ///
    /// @return whether there is more
    default boolean takeReserved() {
        return false;
    }

    /// Leaves the weights where a later start finds them, unless they are there or that does not pay. Another thread
    /// may
    /// call it while steps run; closing ends it.
    ///
    /// @return whether they were written
    /// @throws IOException when they cannot be written
    default boolean keepPacked() throws IOException {
        return false;
    }

    /// Frees weights and KV blocks.
    @Override
    void close();
}
