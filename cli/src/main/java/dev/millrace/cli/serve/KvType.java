package dev.millrace.cli.serve;

import java.util.Locale;

/// How keys and values are kept.
enum KvType {
    F16(64),
    Q8_0(34),
    F32(128);

    private final int bytesOf32;

    KvType(int bytesOf32) {
        this.bytesOf32 = bytesOf32;
    }

    /// Bytes of 32 values of a head.
    int bytesOf32() {
        return bytesOf32;
    }

    /// As the option has it: `q8_0`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
