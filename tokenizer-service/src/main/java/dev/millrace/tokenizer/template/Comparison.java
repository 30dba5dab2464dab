package dev.millrace.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// Python's `==`, `<` and `in`.
final class Comparison {
    private Comparison() {}

    static boolean equal(Meter meter, Value left, Value right) {
        meter.step();
        if (left instanceof StringValue a && right instanceof StringValue b) {
            meter.scanned(Math.min(a.text().length(), b.text().length()));
            return a.text().equals(b.text());
        }
        Integer order = compareNumbers(left, right);
        if (order != null) {
            return order == 0;
        }
        meter.enter();
        boolean equal = equalStructures(meter, left, right);
        meter.leave();
        return equal;
    }

    private static boolean equalStructures(Meter meter, Value left, Value right) {
        return switch (left) {
            case ListValue a -> right instanceof ListValue b && equalElements(meter, a, b);
            case TupleValue a -> right instanceof TupleValue b && equalElements(meter, a, b);
            case RangeValue a -> right instanceof RangeValue b && equalElements(meter, a, b);
            case DictValue a -> right instanceof DictValue b && equalDicts(meter, a, b);
            case DictView a -> right instanceof DictView b && equalViews(meter, a, b);
            case UndefinedValue ignored -> right instanceof UndefinedValue;
            case FloatValue ignored -> false;
            default -> Identity.same(left, right);
        };
    }

    private static boolean equalElements(Meter meter, SequenceValue left, SequenceValue right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(meter, left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalDicts(Meter meter, DictValue left, DictValue right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (DictValue.Entry entry : left.entries()) {
            Value other = right.get(meter, entry.key());
            if (other == null || !equal(meter, entry.value(), other)) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalViews(Meter meter, DictView left, DictView right) {
        if (left.kind() != right.kind() || left.kind() == DictView.Kind.VALUES) {
            return Identity.same(left, right);
        }
        if (left.kind() == DictView.Kind.ITEMS) {
            return equalDicts(meter, left.dict(), right.dict());
        }
        return left.dict().size() == right.dict().size()
                && left.dict().entries().stream().allMatch(entry -> right.dict().get(meter, entry.key()) != null);
    }

    /// `left < right` is negative, equal 0; fails for values that Python cannot order. Not-a-number compares as equal
    /// here; {@link #isUnordered} tells.
    static int compare(Meter meter, Value left, Value right, String operator) {
        meter.step();
        Integer order = compareNumbers(left, right);
        if (order != null) {
            return order == UNORDERED ? 0 : order;
        }
        if (left instanceof StringValue a && right instanceof StringValue b) {
            meter.scanned(Math.min(a.text().length(), b.text().length()));
            return PythonText.compare(a.text(), b.text());
        }
        boolean lists = left instanceof ListValue && right instanceof ListValue;
        boolean tuples = left instanceof TupleValue && right instanceof TupleValue;
        if ((lists || tuples) && left instanceof SequenceValue a && right instanceof SequenceValue b) {
            meter.enter();
            int result = compareElements(meter, a, b, operator);
            meter.leave();
            return result;
        }
        if (left instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        if (right instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        throw new TemplateException("'" + operator + "' not supported between instances of '" + left.typeName()
                + "' and '" + right.typeName() + "'");
    }

    private static int compareElements(Meter meter, SequenceValue left, SequenceValue right, String operator) {
        int common = Math.min(left.size(), right.size());
        for (int i = 0; i < common; i++) {
            if (!equal(meter, left.get(i), right.get(i))) {
                return compare(meter, left.get(i), right.get(i), operator);
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    /// True where both are numbers and one of them is not a number: no order holds between them.
    static boolean isUnordered(Value left, Value right) {
        Integer order = compareNumbers(left, right);
        return order != null && order == UNORDERED;
    }

    private static final int UNORDERED = 2;

    /// -1, 0, 1 or UNORDERED; null where one of them is no number.
    private static @Nullable Integer compareNumbers(Value left, Value right) {
        BigInteger a = Arithmetic.integer(left);
        BigInteger b = Arithmetic.integer(right);
        if (a != null && b != null) {
            return a.compareTo(b);
        }
        Double x = a != null ? null : Arithmetic.floating(left);
        Double y = b != null ? null : Arithmetic.floating(right);
        if ((a == null && x == null) || (b == null && y == null)) {
            return null;
        }
        if ((x != null && x.isNaN()) || (y != null && y.isNaN())) {
            return UNORDERED;
        }
        if (x != null && y != null) {
            return x.doubleValue() == y.doubleValue() ? 0 : Double.compare(x, y);
        }
        if (x != null && x.isInfinite()) {
            return x > 0 ? 1 : -1;
        }
        if (y != null && y.isInfinite()) {
            return y > 0 ? -1 : 1;
        }
        BigDecimal exactLeft = a != null ? new BigDecimal(a) : new BigDecimal(x == null ? 0 : x);
        BigDecimal exactRight = b != null ? new BigDecimal(b) : new BigDecimal(y == null ? 0 : y);
        return exactLeft.compareTo(exactRight);
    }

    /// `needle in haystack`.
    static boolean contains(Meter meter, Value haystack, Value needle) {
        return switch (haystack) {
            case StringValue text -> containsText(meter, text, needle);
            case DictValue dict -> containsKey(meter, dict, needle);
            case DictView view ->
                view.kind() == DictView.Kind.KEYS
                        ? containsKey(meter, view.dict(), needle)
                        : containsElement(meter, view, needle);
            default -> containsElement(meter, haystack, needle);
        };
    }

    private static boolean containsText(Meter meter, StringValue text, Value needle) {
        if (!(needle instanceof StringValue part)) {
            throw new TemplateException("'in <string>' requires string as left operand, not " + needle.typeName());
        }
        meter.scanned(text.text().length());
        return new Needle(part.text()).find(text.text(), 0) >= 0;
    }

    private static boolean containsKey(Meter meter, DictValue dict, Value key) {
        HashKeys.of(meter, key);
        return dict.get(meter, key) != null;
    }

    private static boolean containsElement(Meter meter, Value haystack, Value needle) {
        Iterator<Value> elements = Iteration.over(meter, haystack, "argument of type '", "' is not iterable");
        while (elements.hasNext()) {
            if (equal(meter, elements.next(), needle)) {
                return true;
            }
        }
        return false;
    }
}
