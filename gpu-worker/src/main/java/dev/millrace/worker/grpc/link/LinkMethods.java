package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkReply;
import dev.millrace.proto.v1.StageFrame;
import dev.millrace.proto.v1.StageLinkGrpc;
import io.grpc.Detachable;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.InputStream;

/// The methods of the contract that open links, with marshallers that make no message of a frame. Each end has its own:
/// frames go one way.
final class LinkMethods {

    private static final MethodDescriptor<OutgoingFrame, LinkReply> FORWARD_DIALING =
            dialing(StageLinkGrpc.getForwardMethod());
    private static final MethodDescriptor<OutgoingFrame, LinkReply> RETURN_DIALING =
            dialing(StageLinkGrpc.getReturnMethod());
    private static final MethodDescriptor<InputStream, LinkReply> FORWARD_ACCEPTING =
            accepting(StageLinkGrpc.getForwardMethod());
    private static final MethodDescriptor<InputStream, LinkReply> RETURN_ACCEPTING =
            accepting(StageLinkGrpc.getReturnMethod());

    private LinkMethods() {}

    static MethodDescriptor<OutgoingFrame, LinkReply> dialing(LinkKind kind) {
        return switch (kind) {
            case FORWARD -> FORWARD_DIALING;
            case RETURN -> RETURN_DIALING;
        };
    }

    static MethodDescriptor<InputStream, LinkReply> accepting(LinkKind kind) {
        return switch (kind) {
            case FORWARD -> FORWARD_ACCEPTING;
            case RETURN -> RETURN_ACCEPTING;
        };
    }

    private static MethodDescriptor<OutgoingFrame, LinkReply> dialing(
            MethodDescriptor<StageFrame, LinkReply> generated) {
        return generated.toBuilder(new Sending(), generated.getResponseMarshaller())
                .build();
    }

    private static MethodDescriptor<InputStream, LinkReply> accepting(
            MethodDescriptor<StageFrame, LinkReply> generated) {
        return generated.toBuilder(new Receiving(), generated.getResponseMarshaller())
                .build();
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
