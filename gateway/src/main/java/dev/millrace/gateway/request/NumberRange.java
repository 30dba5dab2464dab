package dev.millrace.gateway.request;

/// The numbers that a field may hold.
///
/// @param minimum the smallest one
/// @param minimumExcluded true when the number must be above `minimum`
/// @param maximum the largest one
public record NumberRange(double minimum, boolean minimumExcluded, double maximum) {

    /// From one number to another, both allowed.
    public static NumberRange of(double minimum, double maximum) {
        return new NumberRange(minimum, false, maximum);
    }

    /// Above one number, up to another that is allowed.
    public static NumberRange above(double minimum, double maximum) {
        return new NumberRange(minimum, true, maximum);
    }

    boolean contains(double value) {
        return (minimumExcluded ? value > minimum : value >= minimum) && value <= maximum;
    }

    @Override
    public String toString() {
        return minimumExcluded
                ? "a number above " + plain(minimum) + " and at most " + plain(maximum)
                : "a number from " + plain(minimum) + " to " + plain(maximum);
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
