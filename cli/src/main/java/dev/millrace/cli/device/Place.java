package dev.millrace.cli.device;

/// Where a stage computes.
///
/// @param ordinal of a CUDA device, in the driver's count; negative for the CPU
public record Place(int ordinal) implements Comparable<Place> {
    public static final Place CPU = new Place(-1);

    public static Place cuda(int ordinal) {
        return new Place(ordinal);
    }

    public boolean isCpu() {
        return ordinal < 0;
    }

    /// The CPU first.
    @Override
    public int compareTo(Place other) {
        return Integer.compare(ordinal, other.ordinal);
    }

    /// As `--device` has it: `cpu`, `cuda:0`.
    @Override
    public String toString() {
        return isCpu() ? "cpu" : "cuda:" + ordinal;
    }
}
