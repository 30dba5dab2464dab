package dev.millrace.tokenizer.template;

/// The integers of a Python range; at most 100,000 of them, as in jinja2's sandbox.
///
/// @param size how many there are
record RangeValue(long start, long stop, long step, int size) implements SequenceValue {
    private static final int MAXIMUM_SIZE = 100_000;

    static RangeValue of(long start, long stop, long step) {
        if (step == 0) {
            throw new TemplateException("range() arg 3 must not be zero");
        }
        boolean empty = step > 0 ? start >= stop : start <= stop;
        if (empty) {
            return new RangeValue(start, stop, step, 0);
        }
        long distance = step > 0 ? Math.subtractExact(stop, start) : Math.subtractExact(start, stop);
        long size = (distance - 1) / Math.absExact(step) + 1;
        if (size > MAXIMUM_SIZE) {
            throw new TemplateException("range() of more than " + MAXIMUM_SIZE + " numbers");
        }
        return new RangeValue(start, stop, step, (int) size);
    }

    @Override
    public Value get(int index) {
        return IntegerValue.of(start + index * step);
    }

    @Override
    public String typeName() {
        return "range";
    }
}
