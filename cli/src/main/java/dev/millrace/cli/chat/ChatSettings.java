package dev.millrace.cli.chat;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// What a conversation is held with; what is null is left to the server.
///
/// @param server the server's address, without a path
/// @param model the model's id
record ChatSettings(
        URI server,
        String model,
        @Nullable Double temperature,
        @Nullable Integer maxTokens) {}
