package dev.millrace.gateway.openai;

import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.TokenIds;

/// One prompt of a plain completion.
sealed interface Prompt {
    /// Sets the prompt of a request.
    GenerateRequest.Builder putInto(GenerateRequest.Builder request);

    /// Text to encode.
    record Text(String text) implements Prompt {
        @Override
        public GenerateRequest.Builder putInto(GenerateRequest.Builder request) {
            return request.setText(text);
        }
    }

    /// Ids that are taken as they are.
    record Ids(TokenIds ids) implements Prompt {
        @Override
        public GenerateRequest.Builder putInto(GenerateRequest.Builder request) {
            return request.setTokenIds(ids);
        }
    }
}
