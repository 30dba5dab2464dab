package dev.millrace.worker.kernel.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// The arguments of one call site as the driver reads them, made once and changed in place: launching then neither
/// allocates nor converts. The order is the kernel's; a value of another kind than the PTX declares is refused.
public final class KernelArguments {

    private static final int WORD_BYTES = Long.BYTES;

    private final String kernel;
    private final List<ArgumentKind> kinds;
    /// The addresses of the values, then the values, 8 bytes each.
    private final MemorySegment block;

    private int bound;

    KernelArguments(String kernel, List<ArgumentKind> kinds) {
        this.kernel = kernel;
        this.kinds = kinds;
        block = Arena.ofAuto().allocate(2L * WORD_BYTES * Math.max(1, kinds.size()), WORD_BYTES);
        for (int index = 0; index < kinds.size(); index++) {
            block.setAtIndex(ValueLayout.JAVA_LONG, index, block.address() + offset(index));
        }
    }

    /// The next argument is a device address or another 8 bytes.
    public KernelArguments address(long value) {
        setAddress(bound, value);
        bound++;
        return this;
    }

    /// The next argument is an int.
    public KernelArguments whole(int value) {
        setWhole(bound, value);
        bound++;
        return this;
    }

    /// The next argument is a float.
    public KernelArguments real(float value) {
        setReal(bound, value);
        bound++;
        return this;
    }

    /// Replaces that argument; the first is 0.
    public void setAddress(int index, long value) {
        block.set(ValueLayout.JAVA_LONG, checked(index, ArgumentKind.ADDRESS), value);
    }

    /// Replaces that argument; the first is 0.
    public void setWhole(int index, int value) {
        block.set(ValueLayout.JAVA_INT, checked(index, ArgumentKind.WHOLE), value);
    }

    /// Replaces that argument; the first is 0.
    public void setReal(int index, float value) {
        block.set(ValueLayout.JAVA_FLOAT, checked(index, ArgumentKind.REAL), value);
    }

    /// Where the driver finds them.
    long blockOf(String launched) {
        if (!kernel.equals(launched)) {
            throw new IllegalArgumentException("arguments of %s for %s".formatted(kernel, launched));
        }
        if (bound != kinds.size()) {
            throw new IllegalStateException("%s takes %d arguments, %d are set".formatted(kernel, kinds.size(), bound));
        }
        return block.address();
    }

    private long checked(int index, ArgumentKind kind) {
        if (index >= kinds.size()) {
            throw new IllegalArgumentException(
                    "%s takes %d arguments, one more is set".formatted(kernel, kinds.size()));
        }
        if (kinds.get(index) != kind) {
            throw new IllegalArgumentException(
                    "argument %d of %s is %s, not %s".formatted(index, kernel, kinds.get(index), kind));
        }
        return offset(index);
    }

    private long offset(int index) {
        return (long) WORD_BYTES * (kinds.size() + index);
    }
}
