package dev.millrace.tokenizer.placement;

import dev.millrace.tokenizer.pipeline.PipelineHost;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes down which epochs it is to serve.
final class RecordingHost implements PipelineHost {
    final List<String> told = new ArrayList<>();

    @Nullable
    Listener listener;

    @Override
    public void serve(long epoch, String address, Listener listener) {
        told.add("serve " + address);
        this.listener = listener;
    }

    @Override
    public void withdraw(String reason) {
        told.add("withdraw");
    }

    void serving() {
        current().serving();
    }

    void lose(String reason) {
        current().lost(reason);
    }

    private Listener current() {
        if (listener == null) {
            throw new AssertionError("nothing is served");
        }
        return listener;
    }
}
