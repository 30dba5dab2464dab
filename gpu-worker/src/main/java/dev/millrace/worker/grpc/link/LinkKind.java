package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkReply;
import dev.millrace.proto.v1.StageFrame;
import dev.millrace.proto.v1.StageLinkGrpc;
import io.grpc.Detachable;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.InputStream;

/// What a link carries, and with that the method that opens it.
public enum LinkKind {
    /// Steps from a stage to the next.
    FORWARD(StageLinkGrpc.getForwardMethod(), "the link to the next stage at"),
    /// Sampled tokens from the last stage to the first.
    RETURN(StageLinkGrpc.getReturnMethod(), "the link back to the first stage at");

    private final MethodDescriptor<OutgoingFrame, LinkReply> dialing;
    private final MethodDescriptor<InputStream, LinkReply> accepting;
    private final String description;

    LinkKind(MethodDescriptor<StageFrame, LinkReply> generated, String description) {
        this.description = description;
        Marshaller<LinkReply> replies = generated.getResponseMarshaller();
        dialing = generated.toBuilder(new Sending(), replies).build();
        accepting = generated.toBuilder(new Receiving(), replies).build();
    }

    MethodDescriptor<OutgoingFrame, LinkReply> dialing() {
        return dialing;
    }

    MethodDescriptor<InputStream, LinkReply> accepting() {
        return accepting;
    }

    /// Words to put before the address of the other end.
    String description() {
        return description;
    }

    private static final class Sending implements Marshaller<OutgoingFrame> {

        @Override
        public InputStream stream(OutgoingFrame frame) {
            return frame;
        }

        @Override
        public OutgoingFrame parse(InputStream stream) {
            throw new UnsupportedOperationException("the dialling end of a link receives no frames");
        }
    }

    /// Hands the message on as it is: where its bytes go is known to the link, not to the method. The link closes it.
    private static final class Receiving implements Marshaller<InputStream> {

        @Override
        public InputStream stream(InputStream frame) {
            throw new UnsupportedOperationException("the accepting end of a link sends no frames");
        }

        @Override
        public InputStream parse(InputStream stream) {
            return stream instanceof Detachable owned ? owned.detach() : stream;
        }
    }
}
