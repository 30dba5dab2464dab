package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.SharedRows;
import dev.millrace.worker.ring.RingOffer;

/// The offer of a ring as a part of the hello.
final class RingMessages {

    private RingMessages() {}

    static SharedRows message(RingOffer offer) {
        return SharedRows.newBuilder()
                .setBootId(offer.bootId())
                .setProcess((int) offer.process())
                .setFileDescriptor(offer.descriptor())
                .setBytes(offer.bytes())
                .setNonceHigh(offer.nonceHigh())
                .setNonceLow(offer.nonceLow())
                .build();
    }

    static RingOffer offer(SharedRows message) {
        return new RingOffer(
                message.getBootId(),
                Integer.toUnsignedLong(message.getProcess()),
                message.getFileDescriptor(),
                message.getBytes(),
                message.getNonceHigh(),
                message.getNonceLow());
    }
}
