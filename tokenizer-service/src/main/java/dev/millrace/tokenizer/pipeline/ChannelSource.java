package dev.millrace.tokenizer.pipeline;

import io.grpc.ManagedChannel;

/// Gives the channels to workers.
public interface ChannelSource {
    /// The channel to the worker at `host:port`, ready to connect at once.
    ManagedChannel channel(String address);
}
