package dev.millrace.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The arithmetic operators: numbers as in Python, and what `+`, `*` and `%` mean for text and lists.
final class Arithmetic {
    private Arithmetic() {}

    /// The integer that a value is in arithmetic, or null.
    static @Nullable BigInteger integer(Value value) {
        return switch (value) {
            case IntegerValue integer -> integer.value();
            case BooleanValue bool -> bool.value() ? BigInteger.ONE : BigInteger.ZERO;
            default -> null;
        };
    }

    /// The floating-point number that a value is, or null; integers are not.
    static @Nullable Double floating(Value value) {
        return value instanceof FloatValue number ? number.value() : null;
    }

    /// Any number as floating-point, or null.
    static @Nullable Double number(Value value) {
        BigInteger integer = integer(value);
        return integer == null ? floating(value) : Double.valueOf(toDouble(integer));
    }

    static boolean isTrusted(Value value) {
        return switch (value) {
            case IntegerValue integer -> integer.trusted();
            case FloatValue number -> number.trusted();
            case StringValue string -> string.isWhollyTrusted();
            default -> true;
        };
    }

    static double toDouble(BigInteger integer) {
        double number = integer.doubleValue();
        if (Double.isInfinite(number)) {
            throw new TemplateException("int too large to convert to float");
        }
        return number;
    }

    static Value add(Meter meter, Value left, Value right) {
        if (left instanceof StringValue a && right instanceof StringValue b) {
            return Markup.concatenate(meter, a, b);
        }
        if (left instanceof ListValue a && right instanceof ListValue b) {
            return new ListValue(joined(meter, a.elements(), b.elements()));
        }
        if (left instanceof TupleValue a && right instanceof TupleValue b) {
            return new TupleValue(joined(meter, a.elements(), b.elements()));
        }
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        if (a != null && b != null) {
            return IntegerValue.of(a.add(b), trusted(left, right));
        }
        return floatResult("+", left, right, Double::sum);
    }

    static Value subtract(Value left, Value right) {
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        if (a != null && b != null) {
            return IntegerValue.of(a.subtract(b), trusted(left, right));
        }
        return floatResult("-", left, right, (x, y) -> x - y);
    }

    static Value multiply(Meter meter, Value left, Value right) {
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        if (a != null && b != null) {
            IntegerValue.checkBits((long) a.bitLength() + b.bitLength() - 2);
            return IntegerValue.of(a.multiply(b), trusted(left, right));
        }
        if (b != null && isRepeatable(left)) {
            return repeat(meter, left, b);
        }
        if (a != null && isRepeatable(right)) {
            return repeat(meter, right, a);
        }
        return floatResult("*", left, right, (x, y) -> x * y);
    }

    static Value divide(Value left, Value right) {
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        if (a != null && b != null) {
            checkDivisor(b.signum() == 0);
            double quotient = a.bitLength() <= 53 && b.bitLength() <= 53
                    ? a.doubleValue() / b.doubleValue()
                    : new BigDecimal(a)
                            .divide(new BigDecimal(b), MathContext.DECIMAL128)
                            .doubleValue();
            return new FloatValue(quotient, trusted(left, right));
        }
        return floatResult("/", left, right, (x, y) -> {
            checkDivisor(y == 0);
            return x / y;
        });
    }

    static Value floorDivide(Value left, Value right) {
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        if (a != null && b != null) {
            checkDivisor(b.signum() == 0);
            BigInteger[] parts = a.divideAndRemainder(b);
            boolean down = parts[1].signum() != 0 && parts[1].signum() != b.signum();
            return IntegerValue.of(down ? parts[0].subtract(BigInteger.ONE) : parts[0], trusted(left, right));
        }
        return floatResult("//", left, right, (x, y) -> {
            checkDivisor(y == 0);
            double quotient = (x - floorModulo(x, y)) / y;
            double floor = Math.floor(quotient);
            return quotient - floor > 0.5 ? floor + 1 : floor;
        });
    }

    static Value modulo(Meter meter, Value left, Value right) {
        if (left instanceof StringValue format) {
            return PercentFormat.format(meter, format, right);
        }
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        if (a != null && b != null) {
            checkDivisor(b.signum() == 0);
            BigInteger remainder = a.mod(b.abs());
            boolean negative = b.signum() < 0 && remainder.signum() != 0;
            return IntegerValue.of(negative ? remainder.add(b) : remainder, trusted(left, right));
        }
        return floatResult(
                "%",
                left, right, (x, y) -> {
                    checkDivisor(y == 0);
                    return floorModulo(x, y);
                });
    }

    static Value power(Value left, Value right) {
        BigInteger a = integer(left);
        BigInteger b = integer(right);
        if (a != null && b != null && b.signum() >= 0) {
            boolean small = a.abs().compareTo(BigInteger.ONE) <= 0;
            int exponent = small ? b.signum() == 0 ? 0 : b.testBit(0) ? 1 : 2 : exponent(a, b);
            return IntegerValue.of(a.pow(exponent), trusted(left, right));
        }
        return floatResult("** or pow()", left, right, (x, y) -> {
            if (x == 0 && y < 0) {
                throw new TemplateException("0.0 cannot be raised to a negative power");
            }
            double result = Math.pow(x, y);
            if (Double.isNaN(result) && !Double.isNaN(x) && !Double.isNaN(y)) {
                throw new TemplateException("a power that is a complex number");
            }
            if (Double.isInfinite(result) && !Double.isInfinite(x) && !Double.isInfinite(y)) {
                throw new TemplateException("Numerical result out of range");
            }
            return result;
        });
    }

    private static int exponent(BigInteger base, BigInteger exponent) {
        long bits = exponent.bitLength() > 31 ? Long.MAX_VALUE : (base.bitLength() - 1L) * exponent.longValueExact();
        IntegerValue.checkBits(bits);
        return exponent.intValueExact();
    }

    static Value negate(Value value) {
        BigInteger integer = integer(value);
        if (integer != null) {
            return new IntegerValue(integer.negate(), isTrusted(value));
        }
        if (value instanceof FloatValue number) {
            return new FloatValue(-number.value(), number.trusted());
        }
        throw unaryFailure("-", value);
    }

    static Value positive(Value value) {
        BigInteger integer = integer(value);
        if (integer != null) {
            return new IntegerValue(integer, isTrusted(value));
        }
        if (value instanceof FloatValue) {
            return value;
        }
        throw unaryFailure("+", value);
    }

    private static TemplateException unaryFailure(String operator, Value value) {
        return value instanceof UndefinedValue undefined
                ? undefined.failure()
                : new TemplateException("bad operand type for unary " + operator + ": '" + value.typeName() + "'");
    }

    private interface FloatOperation {
        double apply(double left, double right);
    }

    private static Value floatResult(String operator, Value left, Value right, FloatOperation operation) {
        if (left instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        if (right instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        Double a = number(left);
        Double b = number(right);
        if (a == null || b == null) {
            throw new TemplateException("unsupported operand type(s) for " + operator + ": '" + left.typeName()
                    + "' and '" + right.typeName() + "'");
        }
        return new FloatValue(operation.apply(a, b), trusted(left, right));
    }

    private static double floorModulo(double x, double y) {
        double remainder = x % y;
        if (remainder == 0) {
            return Math.copySign(0.0, y);
        }
        return (remainder < 0) != (y < 0) ? remainder + y : remainder;
    }

    private static void checkDivisor(boolean isZero) {
        if (isZero) {
            throw new TemplateException("division by zero");
        }
    }

    private static boolean trusted(Value left, Value right) {
        return isTrusted(left) && isTrusted(right);
    }

    private static boolean isRepeatable(Value value) {
        return value instanceof StringValue || value instanceof ListValue || value instanceof TupleValue;
    }

    private static Value repeat(Meter meter, Value value, BigInteger times) {
        long count = times.signum() <= 0 ? 0 : times.bitLength() > 31 ? Integer.MAX_VALUE : times.longValueExact();
        if (value instanceof StringValue text) {
            StringValue repeated = new TextBuilder(meter).repeat(text, count).build();
            return text.isMarkup() ? repeated.asMarkup() : repeated;
        }
        List<Value> elements = value instanceof ListValue list
                ? list.elements()
                : value instanceof TupleValue tuple ? tuple.elements() : List.of();
        meter.steps(elements.size() * count);
        List<Value> repeated = new ArrayList<>(Math.toIntExact(elements.size() * count));
        for (long i = 0; i < count && !elements.isEmpty(); i++) {
            repeated.addAll(elements);
        }
        return value instanceof ListValue ? new ListValue(repeated) : new TupleValue(repeated);
    }

    private static List<Value> joined(Meter meter, List<Value> left, List<Value> right) {
        meter.steps((long) left.size() + right.size());
        List<Value> joined = new ArrayList<>(left.size() + right.size());
        joined.addAll(left);
        joined.addAll(right);
        return joined;
    }
}
