package dev.millrace.tokenizer.template;

import java.math.BigInteger;

/// An integer; longer ones than {@link #MAXIMUM_BITS} are refused, so that no operation on them takes long.
///
/// @param trusted false where the number came from the template's input, so its digits are not the template's text
record IntegerValue(BigInteger value, boolean trusted) implements Value {
    private static final int MAXIMUM_BITS = 2048;

    static IntegerValue of(long value) {
        return new IntegerValue(BigInteger.valueOf(value), true);
    }

    static IntegerValue of(BigInteger value, boolean trusted) {
        checkBits(value.bitLength());
        return new IntegerValue(value, trusted);
    }

    static void checkBits(long bits) {
        if (bits > MAXIMUM_BITS) {
            throw new TemplateException("an integer is longer than " + MAXIMUM_BITS + " bits");
        }
    }

    @Override
    public String typeName() {
        return "int";
    }
}
