package dev.millrace.tokenizer.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// Python's indexes and slices.
final class Slices {
    private Slices() {}

    /// The position that an index means in a sequence of `size`, negative ones counting from the end; -1 outside.
    static int position(int index, int size) {
        int position = index < 0 ? index + size : index;
        return position < 0 || position >= size ? -1 : position;
    }

    /// `owner[start:stop:step]`; unlike an index, a slice that cannot be taken is a failure.
    static Value slice(Meter meter, Value owner, SliceValue slice) {
        if (!isIndex(slice.start()) || !isIndex(slice.stop()) || !isIndex(slice.step())) {
            throw new TemplateException("slice indices must be integers or None");
        }
        return switch (owner) {
            case ListValue list -> new ListValue(elements(meter, list, slice));
            case TupleValue tuple -> new TupleValue(elements(meter, tuple, slice));
            case RangeValue range -> range(range, Bounds.of(slice, range.size()));
            case StringValue string -> text(meter, string, slice);
            case UndefinedValue undefined -> throw undefined.failure();
            case DictValue ignored -> throw new TemplateException("unhashable type: 'slice'");
            default -> throw new TemplateException("'" + owner.typeName() + "' object is not subscriptable");
        };
    }

    private static boolean isIndex(Value value) {
        return value == NoneValue.NONE || Arithmetic.integer(value) != null;
    }

    private static List<Value> elements(Meter meter, SequenceValue sequence, SliceValue slice) {
        Bounds bounds = Bounds.of(slice, sequence.size());
        meter.steps(bounds.count());
        List<Value> elements = new ArrayList<>(bounds.count());
        for (int i = 0; i < bounds.count(); i++) {
            elements.add(sequence.get(bounds.position(i)));
        }
        return elements;
    }

    private static Value range(RangeValue range, Bounds bounds) {
        long start = range.start() + bounds.start() * range.step();
        long step = range.step() * bounds.step();
        return RangeValue.of(start, start + bounds.count() * step, step);
    }

    private static Value text(Meter meter, StringValue string, SliceValue slice) {
        meter.scanned(string.text().length());
        Bounds bounds = Bounds.of(slice, string.length());
        if (bounds.count() == 0) {
            return string.slice(0, 0);
        }
        if (bounds.step() == 1) {
            int start = string.offset((int) bounds.start());
            int end = string.text().offsetByCodePoints(start, bounds.count());
            meter.built(end - start);
            return string.slice(start, end);
        }
        meter.steps(bounds.count());
        int[] offsets = offsets(string);
        TextBuilder picked = new TextBuilder(meter);
        for (int i = 0; i < bounds.count(); i++) {
            int position = bounds.position(i);
            picked.append(string, offsets[position], offsets[position + 1]);
        }
        return Markup.like(string, picked.build());
    }

    /// The UTF-16 index of each code point, and of the end.
    private static int[] offsets(StringValue string) {
        int[] offsets = new int[string.length() + 1];
        int offset = 0;
        for (int i = 1; i < offsets.length; i++) {
            offset += Character.charCount(string.text().codePointAt(offset));
            offsets[i] = offset;
        }
        return offsets;
    }

    /// A slice fitted to a sequence: `count` positions from `start` in steps of `step`.
    private record Bounds(long start, long step, int count) {
        static Bounds of(SliceValue slice, int size) {
            long step = clamp(slice.step(), 1);
            if (step == 0) {
                throw new TemplateException("slice step cannot be zero");
            }
            boolean forward = step > 0;
            long lowest = forward ? 0 : -1;
            long highest = forward ? size : size - 1L;
            long start = fit(slice.start(), forward ? lowest : highest, size, lowest, highest);
            long stop = fit(slice.stop(), forward ? highest : lowest, size, lowest, highest);
            long distance = forward ? stop - start : start - stop;
            long count = distance <= 0 ? 0 : (distance - 1) / Math.abs(step) + 1;
            return new Bounds(start, step, (int) count);
        }

        int position(int index) {
            return (int) (start + index * step);
        }

        private static long fit(Value value, long fallback, int size, long lowest, long highest) {
            if (value == NoneValue.NONE) {
                return fallback;
            }
            long index = clamp(value, 0);
            return Math.clamp(index < 0 ? index + size : index, lowest, highest);
        }

        private static long clamp(Value value, long fallback) {
            BigInteger integer = Arithmetic.integer(value);
            if (integer == null) {
                return fallback;
            }
            return integer.bitLength() < 32 ? integer.longValue() : integer.signum() * (1L << 32);
        }
    }
}
