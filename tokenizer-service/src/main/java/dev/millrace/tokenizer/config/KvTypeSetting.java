package dev.millrace.tokenizer.config;

import dev.millrace.proto.v1.KvType;

/// How workers keep keys and values, by the names that the setting has.
public enum KvTypeSetting {
    F16(KvType.KV_TYPE_F16),
    Q8_0(KvType.KV_TYPE_Q8_0),
    F32(KvType.KV_TYPE_F32);

    private final KvType wire;

    KvTypeSetting(KvType wire) {
        this.wire = wire;
    }

    KvType wire() {
        return wire;
    }
}
