package dev.millrace.tokenizer.generation;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The calls that are being served; used on the service loop only.
final class ActiveCalls {
    private final Set<GenerateCall> calls = new LinkedHashSet<>();
    private @Nullable Runnable whenIdle;

    void add(GenerateCall call) {
        calls.add(call);
    }

    void remove(GenerateCall call) {
        calls.remove(call);
        if (calls.isEmpty() && whenIdle != null) {
            whenIdle.run();
            whenIdle = null;
        }
    }

    int count() {
        return calls.size();
    }

    /// Runs `then` when no call is left, at once if so now.
    void whenIdle(Runnable then) {
        if (calls.isEmpty()) {
            then.run();
        } else {
            whenIdle = then;
        }
    }

    void refuseAll(RequestRefusal refusal) {
        List.copyOf(calls).forEach(call -> call.failed(refusal));
    }
}
