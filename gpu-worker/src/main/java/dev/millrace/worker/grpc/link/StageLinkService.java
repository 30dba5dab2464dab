package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.LinkReply;
import dev.millrace.proto.v1.StageLinkGrpc;
import io.grpc.BindableService;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// Takes calls of other stages and leads each to the link that expects it.
public final class StageLinkService implements BindableService {

    private volatile Expected expected = new Expected(0, List.of());

    /// The links of the stage that this worker holds.
    private record Expected(long epoch, List<InboundLink> links) {}

    /// From now on neighbours of this epoch are let in by `links`, and those of earlier epochs are refused.
    public void expect(long epoch, List<InboundLink> links) {
        expected = new Expected(epoch, List.copyOf(links));
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(StageLinkGrpc.SERVICE_NAME);
        for (LinkKind kind : LinkKind.values()) {
            service.addMethod(LinkMethods.accepting(kind), (call, headers) -> {
                call.request(1);
                return new LinkListener(kind, this, call);
            });
        }
        return service.build();
    }

    /// Finds the link for a caller. A caller of a later epoch comes before this worker's own order and may try again;
    /// one
    /// of an epoch that has ended here learns that.
    InboundLink admit(LinkKind kind, LinkHello hello, ServerCall<InputStream, LinkReply> call)
            throws RefusedHelloException {
        Expected now = expected;
        boolean sameVersion = hello.getProtocolVersion() == LinkContract.PROTOCOL_VERSION;
        if (sameVersion && hello.getEpoch() > now.epoch) {
            throw new RefusedHelloException(
                    Status.UNAVAILABLE,
                    "stage " + hello.getToStage() + " of epoch " + hello.getEpoch() + " is not here yet");
        }
        if (sameVersion && hello.getEpoch() == now.epoch && now.links.isEmpty()) {
            throw new RefusedHelloException(Status.ABORTED, "epoch " + hello.getEpoch() + " has ended here");
        }
        for (InboundLink link : now.links) {
            if (link.kind() == kind) {
                Optional<String> refusal = link.greet(hello, call);
                if (refusal.isPresent()) {
                    throw new RefusedHelloException(Status.FAILED_PRECONDITION, refusal.get());
                }
                return link;
            }
        }
        throw new RefusedHelloException(
                Status.FAILED_PRECONDITION,
                "this worker waits for no such link in epoch " + now.epoch + ", the caller is of epoch "
                        + Long.toUnsignedString(hello.getEpoch()));
    }
}
