package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.LinkReply;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call of another stage: reads the hello, then passes frames on to the link that took the call over.
final class LinkListener extends ServerCall.Listener<InputStream> {

    private static final Logger log = LoggerFactory.getLogger(LinkListener.class);

    private final LinkKind kind;
    private final StageLinkService service;
    private final ServerCall<InputStream, LinkReply> call;
    private @Nullable InboundLink link;
    private boolean refused;

    LinkListener(LinkKind kind, StageLinkService service, ServerCall<InputStream, LinkReply> call) {
        this.kind = kind;
        this.service = service;
        this.call = call;
    }

    @Override
    public void onMessage(InputStream message) {
        try (message) {
            if (link != null) {
                link.frame(message);
            } else if (!refused) {
                link = service.admit(kind, hello(message), call);
            }
        } catch (FrameException e) {
            refuse(e.status());
        } catch (RefusedHelloException e) {
            if (e.status().getCode() == Status.Code.FAILED_PRECONDITION) {
                log.warn("A link was refused: {}", e.getMessage());
                call.sendHeaders(new Metadata());
                call.sendMessage(
                        LinkReply.newBuilder().setReason(e.getMessage()).build());
            }
            refuse(e.status());
        } catch (IOException e) {
            throw new IllegalStateException("a message cannot be released", e);
        }
    }

    private static LinkHello hello(InputStream message) throws FrameException {
        FrameDecoder decoder = new FrameDecoder(new FrameLimits(0, 0, 0));
        decoder.decode(message);
        if (decoder.hasContent()) {
            throw new FrameException("the first frame of a link has a hello and nothing else");
        }
        return decoder.hello().orElseThrow(() -> new FrameException("the first frame of a link has to be a hello"));
    }

    private void refuse(Status status) {
        refused = true;
        call.close(status, new Metadata());
    }

    @Override
    public void onHalfClose() {
        if (link != null) {
            link.halfClosed();
        } else if (!refused) {
            refuse(Status.INVALID_ARGUMENT.withDescription("no hello came"));
        }
    }

    @Override
    public void onCancel() {
        if (link != null) {
            link.gone();
        }
    }
}
