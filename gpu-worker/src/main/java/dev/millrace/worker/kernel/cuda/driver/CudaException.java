package dev.millrace.worker.kernel.cuda.driver;

/// A call of the CUDA driver that failed.
public final class CudaException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private static final int OUT_OF_MEMORY = 2;
    private static final int NO_CONTEXT_ANY_MORE = 709;
    private static final int LAUNCH_FAILED = 719;
    private static final int UNKNOWN = 999;

    private final String call;
    private final int code;
    private final String name;
    private final String what;

    /// @param call the driver's function
    /// @param code what it returned
    /// @param name the driver's name of the code
    /// @param what what it was called for, with sizes or shapes; may be empty
    public CudaException(String call, int code, String name, String what) {
        super("%s%s: %s (%d)".formatted(call, what.isEmpty() ? "" : " for " + what, name, code));
        this.call = call;
        this.code = code;
        this.name = name;
        this.what = what;
    }

    /// The same failure with more to say of what it was for.
    CudaException during(String purpose) {
        CudaException said = new CudaException(call, code, name, what.isEmpty() ? purpose : purpose + ", " + what);
        said.initCause(this);
        return said;
    }

    public String call() {
        return call;
    }

    public int code() {
        return code;
    }

    public String name() {
        return name;
    }

    public String what() {
        return what;
    }

    public boolean isOutOfMemory() {
        return code == OUT_OF_MEMORY;
    }

    /// Whether the context is beyond repair: all later calls in it fail, too, and only a new process helps.
    public boolean isSticky() {
        return switch (code) {
            // Memory or links that cannot be corrected, illegal addresses, kernels that were ended for their time, and
            // what else the driver's header says to leave the process beyond use.
            case 214, 220, 226, 700, 702, 721, 810, 911, UNKNOWN -> true;
            default -> code >= NO_CONTEXT_ANY_MORE && code <= LAUNCH_FAILED;
        };
    }
}
