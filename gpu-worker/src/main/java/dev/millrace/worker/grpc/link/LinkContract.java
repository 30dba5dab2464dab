package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkHello;
import java.util.Optional;

/// What both ends of a link must agree on, as the calling end says it and the accepting end expects it.
///
/// @param epoch of the pipeline
/// @param modelDigest SHA-256 over the header of the model file
/// @param fromStage the stage that calls
/// @param toStage the stage that accepts
/// @param endLayer the layer after the calling stage's last one
public record LinkContract(long epoch, String modelDigest, int fromStage, int toStage, int endLayer) {

    /// Version of the contract between the processes.
    public static final int PROTOCOL_VERSION = 1;

    /// The hello of a calling stage whose span starts at `firstLayer`.
    LinkHello hello(int firstLayer) {
        return LinkHello.newBuilder()
                .setProtocolVersion(PROTOCOL_VERSION)
                .setEpoch(epoch)
                .setModelDigest(modelDigest)
                .setFromStage(fromStage)
                .setToStage(toStage)
                .setFirstLayer(firstLayer)
                .setLayerCount(endLayer - firstLayer)
                .build();
    }

    /// One sentence on what in the hello is not as expected here, or nothing.
    Optional<String> disagreement(LinkHello hello) {
        long callersEnd = Integer.toUnsignedLong(hello.getFirstLayer()) + Integer.toUnsignedLong(hello.getLayerCount());
        if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
            return differs("protocol version", hello.getProtocolVersion(), PROTOCOL_VERSION);
        }
        if (hello.getEpoch() != epoch) {
            return differs("epoch", hello.getEpoch(), epoch);
        }
        if (!hello.getModelDigest().equals(modelDigest)) {
            return differs("model digest", hello.getModelDigest(), modelDigest);
        }
        if (hello.getFromStage() != fromStage) {
            return differs("stage", hello.getFromStage(), fromStage);
        }
        if (hello.getToStage() != toStage) {
            return differs("wanted stage", hello.getToStage(), toStage);
        }
        if (hello.getLayerCount() == 0 || callersEnd != endLayer) {
            return differs("layer after its last one", callersEnd, endLayer);
        }
        return Optional.empty();
    }

    private static Optional<String> differs(String what, Object found, Object expected) {
        return Optional.of("the caller's " + what + " is " + found + ", expected here is " + expected);
    }
}
