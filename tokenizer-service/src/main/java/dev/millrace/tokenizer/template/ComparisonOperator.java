package dev.millrace.tokenizer.template;

/// The operators that compare, which can be chained.
enum ComparisonOperator {
    EQUAL("=="),
    NOT_EQUAL("!="),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">="),
    IN("in"),
    NOT_IN("not in");

    private final String symbol;

    ComparisonOperator(String symbol) {
        this.symbol = symbol;
    }

    boolean holds(Meter meter, Value left, Value right) {
        return switch (this) {
            case EQUAL -> Comparison.equal(meter, left, right);
            case NOT_EQUAL -> !Comparison.equal(meter, left, right);
            case IN -> Comparison.contains(meter, right, left);
            case NOT_IN -> !Comparison.contains(meter, right, left);
            default -> {
                int order = Comparison.compare(meter, left, right, symbol);
                yield !Comparison.isUnordered(left, right) && holds(order);
            }
        };
    }

    private boolean holds(int order) {
        return switch (this) {
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
            case GREATER -> order > 0;
            default -> order >= 0;
        };
    }
}
