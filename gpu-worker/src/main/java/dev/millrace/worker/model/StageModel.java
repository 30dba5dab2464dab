package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.kernel.RowSlots;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The layers of one stage, loaded on a device, with their KV blocks. Used on the device's [#thread] alone, where
/// nothing
/// else is said. Up to [#depth] steps may be started before the oldest is finished; they are computed in their order.
public interface StageModel extends AutoCloseable {

    /// The thread of the device; may be asked by any thread.
    DeviceThread thread();

    /// Steps that may be started before the oldest is finished, from 1; may be asked by any thread.
    int depth();

    /// Starts to run the step through the layers of this stage: the first stage from the token ids, every other one
    /// from
    /// `activations` `[T, H]`. `input` stays unchanged until the step is finished, `activations` are read during this
    /// call only.
    void start(StepInput input, Activations activations);

    /// Room for the rows of several steps on this device, for a stage before on another device of this process. Empty
    /// where
    /// rows come from the system's memory, or where there is no memory for it. Closed before the model.
    default Optional<RowSlots> rowSlots(int slots) {
        return Optional.empty();
    }

    /// Whether rows can go to those slots, which the next stage has; may be asked by any thread.
    default boolean reaches(RowSlots slots) {
        return false;
    }

    /// As [#start], with rows that come from another device of this process, or go to one, or both.
    ///
    /// @param from where the rows are, or will be; null: in `activations`
    /// @param to where the result goes, which may be told to the next stage at once, and the step is finished with
    ///     [#finish()]; null: it does not
    default void start(StepInput input, Activations activations, @Nullable RowSlot from, @Nullable RowSlot to) {
        if (from != null || to != null) {
            throw new UnsupportedOperationException("this model has no way to other devices");
        }
        start(input, activations);
    }

    /// Waits for the oldest step started, whose result has gone to the next stage.
    default void finish() {
        throw new UnsupportedOperationException("this model has no way to other devices");
    }

    /// Whether the oldest step started can be finished without waiting for the device; never waits itself.
    boolean isOver();

    /// Waits for the oldest step started and writes its result `[T, H]`; every stage but the last.
    void finish(Activations activations);

    /// Waits for the oldest step started and writes the tokens that it asked for, also if those are none; last stage
    /// only.
    void finish(StepOutput output);

    /// Waits for the steps that were started and forgets them, also one whose start failed. Never throws.
    void drop();

    /// True when an error of the device has left nothing right here: the model has to be closed and loaded anew.
    default boolean isBroken() {
        return false;
    }

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
