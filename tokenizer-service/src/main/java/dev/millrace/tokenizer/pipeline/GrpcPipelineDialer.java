package dev.millrace.tokenizer.pipeline;

import dev.millrace.tokenizer.loop.ServiceLoop;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;

/// Opens `Pipeline.Open` streams.
final class GrpcPipelineDialer implements PipelineDialer {
    private final ChannelSource channels;
    private final ServiceLoop loop;

    GrpcPipelineDialer(ChannelSource channels, ServiceLoop loop) {
        this.channels = channels;
        this.loop = loop;
    }

    @Override
    public PipelineLink dial(String address, PipelineLink.Listener listener) {
        ManagedChannel channel = channels.channel(address);
        GrpcPipelineLink link = new GrpcPipelineLink(loop, listener);
        ClientCalls.asyncBidiStreamingCall(channel.newCall(ReceivedReports.OPEN, CallOptions.DEFAULT), link);
        return link;
    }
}
