package dev.millrace.worker.schedule;

/// The steps that were planned and whose tokens have not come back. They come back in their order.
final class StepsInFlight {

    private final int[] sampleCounts;
    private long first = 1;
    private long next = 1;

    StepsInFlight(int maxSteps) {
        sampleCounts = new int[maxSteps];
    }

    int count() {
        return (int) (next - first);
    }

    boolean isFull() {
        return count() == sampleCounts.length;
    }

    /// The number of the step that is planned next, from 1.
    long next() {
        return next;
    }

    /// The next step is under way.
    ///
    /// @return its number
    long begin(int sampleCount) {
        sampleCounts[(int) (next % sampleCounts.length)] = sampleCount;
        return next++;
    }

    /// The oldest step in flight has come back.
    ///
    /// @throws IllegalStateException when it is another one, or not with as many tokens as were asked for
    void end(long step, int sampleCount) {
        if (step != first || first == next) {
            throw new IllegalStateException("the tokens of step " + step + " came back when "
                    + (first == next ? "none was under way" : "those of step " + first + " were due"));
        }
        int expected = sampleCounts[(int) (step % sampleCounts.length)];
        if (sampleCount != expected) {
            throw new IllegalStateException("step " + step + " gave " + sampleCount + " tokens instead of " + expected);
        }
        first++;
    }
}
