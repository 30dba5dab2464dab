package dev.millrace.worker.kernel.cuda.driver;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Handles that are closed together, the last one first. What fails does not keep the others from being closed: the
/// first failure is thrown in the end, the others are with it.
public final class Owners implements AutoCloseable {

    private final List<Handle> handles = new ArrayList<>();

    /// Takes `handle` over.
    public <T extends Handle> T add(T handle) {
        handles.add(handle);
        return handle;
    }

    /// Closes one of them now.
    public void close(Handle handle) {
        handles.remove(handle);
        handle.close();
    }

    @Override
    public void close() {
        @Nullable CudaException failure = null;
        for (Handle handle : handles.reversed()) {
            try {
                handle.close();
            } catch (CudaException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        handles.clear();
        if (failure != null) {
            throw failure;
        }
    }
}
